"""What this program is made of: its bill of materials (CycloneDX 1.5), as the lock file has it.

    uv run python .ci/parts.py > mptcp-top.cdx.json     # each dependency: version, files with SHA-256, licence
    uv run python .ci/parts.py --table                  # the README's table of licences
    uv run python .ci/parts.py --uv > .ci/uv.txt        # the uv that pip installs first, pinned like all the rest

Licences are read from what is installed, so let it run in an environment with all of the runtime dependencies.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import metadata, version
from pathlib import Path
from typing import Any, Final

UV: Final = (sys.executable, "-m", "uv")
ROOT: Final = Path(__file__).parents[1]
BILL: Final = ("--no-dev", "--preview-features", "sbom-export", "--format", "cyclonedx1.5")
PINS: Final = ("--only-group", "uv", "--no-emit-project", "--no-header")
PINS_HEAD: Final = (
    "# Made by .ci/parts.py --uv, from uv.lock. A wheel, as a source would bring along what is not locked.\n"
)

# What packages said before there were licence expressions.
SPDX: Final = {
    **{word: word for word in ("Apache-2.0", "MIT", "PSF-2.0")},
    "Apache 2.0": "Apache-2.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}


def licence_of(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression, or end the program if it does not say."""
    said = metadata(name).json
    if expression := said.get("license_expression"):
        return str(expression)
    for word in (said.get("license"), *said.get("classifier", [])):
        if isinstance(word, str) and word in SPDX:
            return SPDX[word]
    raise SystemExit(f"{name} does not say its licence in words known here: look, and put them into SPDX")


def exported(*options: str) -> str:
    """Return the lock file as uv exports it."""
    command = [*UV, "export", "--quiet", "--locked", *options]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603  # uv


def bill() -> dict[str, Any]:
    """Return the bill of materials: that of uv, with the licences and with our own version."""
    made: dict[str, Any] = json.loads(exported(*BILL))
    ours = made["metadata"]["component"]
    ours |= {"type": "application", "version": version("mptcp-top"), "licenses": [{"expression": "MIT"}]}
    for part in made["components"]:
        part["licenses"] = [{"expression": licence_of(part["name"])}]
    return made


def table() -> str:
    """Return a Markdown table: a row a licence, with all that is under it."""
    under: dict[str, list[str]] = {}
    for part in bill()["components"]:
        under.setdefault(part["licenses"][0]["expression"], []).append(part["name"])
    rows = [f"| {licence} | {', '.join(sorted(names))} |\n" for licence, names in sorted(under.items())]
    return "".join(["| licence | of |\n", "| --- | --- |\n", *rows])


def pins() -> str:
    """Return the requirements file that installs uv."""
    return f"{PINS_HEAD}--only-binary :all:\n{exported(*PINS)}"


WRITERS: Final = {"": lambda: f"{json.dumps(bill(), indent=2)}\n", "--table": table, "--uv": pins}

if __name__ == "__main__":
    asked = " ".join(sys.argv[1:])
    if asked not in WRITERS:
        raise SystemExit(f"{asked}: {__doc__}")
    sys.stdout.write(WRITERS[asked]())
