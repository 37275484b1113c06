"""`python -m ecsim` is `ecsim`."""

from __future__ import annotations

import sys

from ecsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
