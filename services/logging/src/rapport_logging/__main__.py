"""`python -m rapport_logging` says how the service is run."""

from __future__ import annotations

import sys

sys.stderr.write("Run it with: rapport serve logging --role web|worker\n")
sys.exit(2)
