"""``python -m mptcp_top``."""

import sys

from mptcp_top.cli.main import main

sys.exit(main())
