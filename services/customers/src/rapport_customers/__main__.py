"""`python -m rapport_customers` says how the service is run."""

from __future__ import annotations

import sys

sys.stderr.write("Run it with: rapport serve customers --role web|worker\n")
sys.exit(2)
