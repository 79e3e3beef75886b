"""Nothing but a read, a login and a logout leaves this program, whoever asks for it, but for one connection."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mptcp_top
from mptcp_top.settings import Access
from mptcp_top.sources.netscaler import STAT, STAT_IN_DETAIL
from mptcp_top.sources.nitro.address import address_of
from mptcp_top.sources.nitro.clear import Scope
from mptcp_top.sources.nitro.context import PARTS
from mptcp_top.sources.nitro.harmless import LOGIN, LOGOUT, is_harmless
from mptcp_top.sources.nitro.http import Http
from tests.sources.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

CLEARSTATS = "clearstats"
HARMFUL = [
    ("GET", Scope.BASIC.path),
    ("GET", Scope.FULL.path),
    ("GET", f"{STAT}?args=detail:true,clearstats:full"),
    ("GET", f"{STAT}?args=clear%73tats:full"),
    ("GET", f"{STAT}?ARGS=CLEARSTATS:FULL"),
    ("GET", f"{STAT}?args=detail:true&args=clearstats:full"),
    ("GET", f"{STAT};args=clearstats:full"),
    ("GET", f"{STAT}%3Fargs=clearstats:full"),
    ("GET", f"{STAT}/../protocolmptcp?args=clearstats:full"),
    ("GET", f"{STAT}?args=ntimes:5"),
    ("POST", STAT),
    ("POST", "/nitro/v1/config/nsstats?action=clear"),
    ("POST", f"{LOGIN}?action=clear"),
    ("PUT", LOGIN),
    ("DELETE", LOGIN),
    ("get", STAT),
]


def test_what_the_program_reads_is_harmless() -> None:
    assert all(is_harmless("GET", path) for path in (STAT, STAT_IN_DETAIL, *(part.path for part in PARTS)))
    assert all(is_harmless("POST", path) for path in (LOGIN, LOGOUT))


@pytest.mark.parametrize(("method", "path"), HARMFUL)
def test_a_connection_sends_nothing_that_may_change_something(method: str, path: str) -> None:
    with Scene() as scene:
        address = address_of(scene.box.url)

        async def try_it() -> None:
            http = Http("ns1", address, Access(scene.box.url))
            try:
                await http.request(method, path, {})
            finally:
                await http.close()

        with pytest.raises(ValueError, match="not known to be harmless"):
            asyncio.run(try_it())
        assert scene.box.audit().connections == 0


@pytest.mark.parametrize("scope", Scope)
def test_a_session_that_reads_cannot_be_made_to_clear(scope: Scope) -> None:
    with Scene() as scene:
        scene.poll()
        for ask in (scene.source._session.get, scene.source._session.ask, scene.source._session._ask_stateless):
            with pytest.raises(ValueError, match="not known to be harmless"):
                scene.run(ask(scope.path, scope.command))
        assert scene.box.audit().clearstats == 0
        assert all(not record.args for record in scene.box.audit().records)


@given(query=st.text(max_size=40), method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]))
def test_no_query_but_the_one_for_details_is_harmless(method: str, query: str) -> None:
    for path in (f"{STAT}?{query}", f"{STAT}?{quote(query)}", f"{STAT}/{query}?args=clearstats:full"):
        assert not is_harmless(method, path) or path in {f"{STAT}?", STAT_IN_DETAIL}


@given(
    parts=st.lists(
        st.sampled_from([*CLEARSTATS, CLEARSTATS, "%73", "args=", ":", "full", "?", "&", "/", STAT]), max_size=12
    )
)
def test_nothing_put_together_from_pieces_of_the_request_is_harmless_with_the_word_in_it(parts: Sequence[str]) -> None:
    path = STAT + "".join(parts)
    if "?" in path and not path.endswith("?"):
        assert not is_harmless("GET", path)


def test_one_module_alone_can_spell_the_request() -> None:
    """Beside the simulator, which has to understand it."""
    package = Path(mptcp_top.__file__).parent
    spelt = {
        str(path.relative_to(package))
        for path in package.rglob("*")
        if path.suffix in {".py", ".json", ".toml"} and "simulat" not in str(path.relative_to(package))
        if f"args={CLEARSTATS}" in path.read_text(encoding="utf-8")
    }
    assert spelt == {"sources/nitro/clear.py"}
