"""What was at work: the program that recorded, the one that reports, and what the targets run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.model import Identity
    from mptcp_top.report.story import Account, Story


def versions_text(story: Story, programs: str) -> str:
    """Return the versions as a text."""
    recorded = ", ".join(dict.fromkeys(printable(session.program) for session in story.sessions))
    parts = [f"recorded by  {recorded}\n", "reported by", programs.rstrip("\n") + "\n"]
    return "\n".join([*parts, *(line for account in story.accounts for line in _of(account, story))])


def _of(account: Account, story: Story) -> Iterator[str]:
    target = account.target
    yield f"{printable(target.name)}  ({printable(target.source)}, {printable(target.address) or 'no address'})"
    if target.caution:
        yield f"  {printable(target.caution)}"
    seen = account.course.identities
    for wall, identity in seen[-20:]:
        since = "" if len(seen) == 1 else f"  since {story.span.clock.short(wall)}"
        yield from _who(identity, since)
    if not seen:
        yield "  never read"
    yield ""


def _who(identity: Identity, since: str) -> Iterator[str]:
    named = [printable(word) for word in (identity.host, identity.product, identity.role) if word]
    yield f"  {'  '.join(named) or 'unnamed'}{since}"
    for name, value in sorted(identity.facts.items()):
        yield f"    {printable(name)}  {printable(str(value))}"
    for notice in identity.notices:
        yield f"    ! {printable(notice)}"
