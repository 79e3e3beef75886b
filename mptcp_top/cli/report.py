"""``mptcp-top report``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def report(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run the command."""
    del options, environment
    raise SettingsError("report is not built yet")
