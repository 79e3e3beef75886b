"""What is typed in one burst, on a real pty: a paste, a slow link, `tmux send-keys`. Every key is taken in its turn."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def dashboard() -> Iterator[Terminal]:
    with Terminal([sys.executable, "-m", "tests.ui.copying_app"], (120, 40)) as terminal:
        terminal.wait_for("● live")
        terminal.wait_for("q quit")
        yield terminal


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("/jnt", "find: jnt_"),
        ("@start\r", "◌ the past"),
        ("mmbefore it\r", "before it: n and M show what grows since"),
        ("gt12\rajnt", "add a counter: jnt_"),
        ("/tok\r\rx30m", "until: 30m_"),
        ("e:theme lig", "theme light"),
        ("/jn\x1b[200~tok\x1b[201~en", "find: jntoken_"),
    ],
)
def test_a_burst_of_keys_arrives_where_it_would_have_gone_key_by_key(keys: str, said: str) -> None:
    with dashboard() as terminal:
        terminal.type(keys)
        terminal.wait_for(said)
