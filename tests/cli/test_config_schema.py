"""The JSON Schema of the config file, held against the checker: it never refuses what that takes."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mptcp_top.cli.config import EXAMPLE
from mptcp_top.cli.config_schema import schema
from mptcp_top.config_text import Said, examine
from mptcp_top.config_values import CHECKS, NAMED
from mptcp_top.rules.defaults import TEXTS
from tests.terminal import mptcp_top

VALIDATOR: Final = Draft202012Validator(schema())
HERE: Final = Path("/nonexistent/config.toml")
EVERYTHING: Final = """
[defaults]
host = ["ns1", "local:red", "[fe80::1]:8443"]
user = "monitor"
password_file = "p"
cacert = "~/ca.pem"
pin = "SHA256:{pin}"
allow_http = true
interval = 5
timeout = 0.1
hold = 0
ascii = false
mark = true
theme = " Okabe-Ito "
output_diff = false
[targets.ns1]
host = "http://192.0.2.1"
password_command = ["pass", "show", "x"]
[targets."10.0.0.1:8443"]
[targets.red]
host = "local:a@b"
[groups.edge]
targets = ["ns1", "10.0.0.1:8443"]
[groups."local:x"]
targets = ["local"]
[alerts]
defaults = false
clean_hours = 0
command = ["/bin/tell", "{{target}}"]
command_every = 86400
[alerts.rules]
"few sessions" = "sessions < 10 for 5m until > 20"
"b" = {{ rule = "errors > 1/s", targets = ["edge"], severity = "error" }}
"{shipped}" = false
""".format(pin="AB:" * 31 + "CD", shipped=next(iter(TEXTS)))

WRONG: Final = [
    "interval = 5",
    "[default]",
    "[defaults]\nusr = 'x'",
    "[defaults]\npassword = 'x'",
    "[defaults]\ninsecure = true",
    "[defaults]\nhost = 'ns1'",
    "[defaults]\nhost = []",
    "[defaults]\nhost = [1]",
    "[defaults]\nhost = ['me@ns1']",
    "[defaults]\nhost = [' ']",
    "[defaults]\ninterval = '5'",
    "[defaults]\ninterval = true",
    "[defaults]\ninterval = 0.01",
    "[defaults]\ntimeout = 601",
    "[defaults]\nhold = -1",
    "[defaults]\nhold = inf",
    "[defaults]\nmark = 'yes'",
    "[defaults]\ntheme = 'pink'",
    "[defaults]\nuser = 5",
    "[defaults]\nuser = ' '",
    "[defaults]\nuser = 2026-11-21",
    "[defaults]\npin = 'sha256:12'",
    "[defaults]\ncacert = ''",
    "[defaults]\npassword_command = 'pass show'",
    "[defaults]\npassword_command = []",
    "[defaults]\npassword_command = [5]",
    "[defaults]\npassword_file = 'a'\npassword_command = ['b']",
    "defaults = 5",
    "targets = []",
    "[targets]\nns1 = '192.0.2.1'",
    "[targets.ns1]\nhost = ['192.0.2.1']",
    "[targets.ns1]\nmark = true",
    "[targets.10.0.0.1]\nuser = 'x'",
    "[targets.'a b']",
    "[targets.'a,b']",
    "[targets.-a]",
    "[targets.'me@a']",
    "[targets.local]",
    "[targets.'local:red']",
    "[groups.edge]",
    "[groups.edge]\ntargets = 'ns1'",
    "[groups.edge]\ntargets = []",
    "[groups.edge]\ntargets = ['ns1']\nuser = 'x'",
    "alerts = 5",
    "[alerts]\nclean_hours = 9000",
    "[alerts]\ncommand = 'tell'",
    "[alerts]\ncommand_every = 0",
    "[alerts]\nruls = 5",
    "[alerts]\nrules = 5",
    "[alerts.rules]\na = 5",
    "[alerts.rules]\na = false",
    "[alerts.rules]\na = true",
    "[alerts.rules]\na = { rul = 'errors rises' }",
    "[alerts.rules]\na = { rule = 'errors rises', severity = 'normal' }",
    "[alerts.rules]\na = { rule = 'errors rises', targets = 'ns1' }",
    f"[alerts.rules]\n{'a' * 41} = 'errors rises'",
]
"""Files with a mistake each that both can see."""

BEYOND: Final = [
    "[defaults]\nuser = 'a\\u0007b'".replace("'", '"'),
    "[defaults]\npin = 'sha256:::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::'",
    "[defaults]\npassword_command = ['']",
    "[alerts]\ncommand = ['tell', '{nobody}']",
    "[alerts.rules]\na = 'errors >'",
    "[alerts.rules]\na = { rule = 'no_such_counter rises' }",
]
"""Files with a mistake that no schema can see."""


def takes(text: str) -> bool:
    return not examine(text.encode(), HERE).mistakes


def fits(document: Any) -> bool:  # noqa: ANN401  # what a file may say
    return not list(VALIDATOR.iter_errors(document))


def test_it_is_a_schema_of_its_draft_and_what_is_printed() -> None:
    Draft202012Validator.check_schema(schema())
    done = subprocess.run(mptcp_top("config", "schema"), check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == schema()
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", ["", EXAMPLE, EVERYTHING], ids=["nothing", "the example", "everything"])
def test_both_take_what_is_right(text: str) -> None:
    assert takes(text), examine(text.encode(), HERE).mistakes
    assert fits(tomllib.loads(text)), [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def test_everything_that_can_be_said_is_said_above() -> None:
    said = tomllib.loads(EVERYTHING)
    assert set(said["defaults"]) == set(CHECKS["defaults"]) - {"password_command"}
    assert {key for table in said["targets"].values() for key in table} == {"host", "password_command"}
    assert set(said["groups"]["edge"]) == set(CHECKS["groups"])
    assert set(said["alerts"]) == set(CHECKS["alerts"])


def test_every_table_of_a_config_file_is_in_the_schema() -> None:
    assert set(schema()["properties"]) == set(CHECKS) == set(Said._fields)


@pytest.mark.parametrize("text", WRONG)
def test_both_refuse_what_is_wrong(text: str) -> None:
    assert not takes(text)
    assert not fits(tomllib.loads(text))


@pytest.mark.parametrize("text", BEYOND)
def test_what_no_schema_can_say_is_left_to_the_checker(text: str) -> None:
    assert not takes(text)
    assert fits(tomllib.loads(text))


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(-1e6, 1e6)
    | st.text(max_size=12)
    | st.sampled_from(["local", "ns1", "a@b", "local:x@y", " ", "/bin/x", "dark", "DARK", "sha256:" + "0" * 64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(data=st.data(), value=anything)
@pytest.mark.parametrize("table", CHECKS)
def test_the_schema_never_refuses_a_value_that_the_checker_takes(
    table: str, data: st.DataObject, value: object
) -> None:
    key = data.draw(st.sampled_from([key for key in CHECKS[table] if key != "rules"]))
    try:
        CHECKS[table][key](key, value, Path("/"))
    except ValueError:
        return
    assert Draft202012Validator(CHECKS[table][key].schema(key)).is_valid(value)


@given(name=st.text(max_size=8) | st.sampled_from(["local", "local:x", "a@b", "local:a@b", "10.0.0.1:8443", "[::1]"]))
@pytest.mark.parametrize("table", NAMED)
def test_the_schema_never_refuses_a_name_that_the_checker_takes(table: str, name: str) -> None:
    inside = "targets = ['ns1']" if table == "groups" else ""
    text = f"[{table}.{json.dumps(name)}]\n{inside}\n"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if takes(text):
        assert fits(document)
