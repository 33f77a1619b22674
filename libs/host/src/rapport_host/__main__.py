"""`python -m rapport_host` is `rapport`."""

import sys

from rapport_host.cli import main

sys.exit(main())
