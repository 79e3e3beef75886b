"""``mptcp-top dump``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def dump(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run the command."""
    del options, environment
    raise SettingsError("dump is not built yet")
