"""``--version``: of everything that is at work, and found out without setting any of it to work."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from platform import python_version

from mptcp_top import __version__
from tests.terminal import mptcp_top


def test_the_versions_of_python_and_of_every_package_are_told() -> None:
    done = subprocess.run(mptcp_top("--version"), check=True, capture_output=True, text=True)
    told = dict(line.split() for line in done.stdout.splitlines())
    assert next(iter(told.items())) == ("mptcp-top", __version__)
    assert told.pop("Python") == python_version()
    assert {"textual", "aiohttp", "platformdirs"} <= set(told)
    assert all(told[name] == version(name) for name in set(told) - {"mptcp-top"})
    assert all(re.fullmatch(r"[\w.+-]+", number) for number in told.values())


def test_no_package_is_imported_to_tell_its_version() -> None:
    script = (
        "import sys\nfrom mptcp_top.cli.main import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print([name for name in ('textual', 'aiohttp', 'platformdirs', 'plotext') if name in sys.modules], "
        "file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
