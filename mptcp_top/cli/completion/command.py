"""``mptcp-top completion SHELL``: the script to install; and with a line, what may stand at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

SHIPPED: Final = Path(__file__).parents[1] / "shipped"
SCRIPTS: Final = {"bash": "mptcp-top.bash", "zsh": "_mptcp-top", "fish": "mptcp-top.fish"}
LONGEST: Final = 100


def completion(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Print the script of a shell, or for a line the words that may stand at its end; return the exit code."""
    if options.line is None:
        print(SHIPPED.joinpath(SCRIPTS[options.shell]).read_text(encoding="utf-8"), end="")
    else:
        print("\n".join(answer(options.line, environment)))
    return 0


def answer(line: str, environment: Mapping[str, str]) -> list[str]:
    """Return what the scripts are told: ``files``, or ``word`` and what is typed of it, then a word a line.

    What a word is stands after a tab.
    """
    from mptcp_top.cli.completion.line import typed_in  # noqa: PLC0415  # the scripts themselves need none of it
    from mptcp_top.cli.completion.offers import offers  # noqa: PLC0415  # the same
    from mptcp_top.cli.completion.words import words_of  # noqa: PLC0415  # the same
    from mptcp_top.cli.grammar import grammar  # noqa: PLC0415  # the same

    typed = typed_in(line)
    found = offers(grammar(), typed, words_of(environment))
    if found.files:
        return ["files"]
    return [f"word {typed.current}", *(f"{word.text}\t{printable(word.says, LONGEST)}" for word in found.words)]
