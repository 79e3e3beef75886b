"""Parsers under a fuzzer that is led by coverage: what was run, and what crashed.

atheris is no dependency of the project. It has wheels for Python up to 3.13; in an environment of its own:

    uv venv --python 3.11 /tmp/fuzz && uv pip install --python /tmp/fuzz/bin/python atheris hypothesis -e .
    /tmp/fuzz/bin/python -m benchmarks.fuzz [--seconds 180] [PARSER ...]

The parsers, their good texts and the words of their languages are those of `tests/hostile`. Each parser has a process
of its own. An input that crashes one, or takes longer than five seconds, stands in the folder it is run in
(``--folder``, else a new one under the temporary folder); the exit code is then 1.
"""

import argparse
import contextlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HANG_SECONDS = 5
LONGEST_INPUT = 16_384
MEMORY_MIB = 1024


def fuzzed(name: str, folder: Path, seconds: int) -> None:
    """Fuzz one parser in this process, which ends with it."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore] # noqa: PLC0415  # not a dependency

    with atheris.instrument_imports(include=["mptcp_top", "tomllib", "json", "email"]):
        from tests.hostile.parsers import PARSERS_OF  # noqa: PLC0415  # has to be seen by the fuzzer

    parser = PARSERS_OF[name]
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(parser.seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    words = ("".join(f"\\x{byte:02x}" for byte in word) for word in parser.words if 0 < len(word) <= 64)
    (folder / "words").write_text("".join(f'"{word}"\n' for word in words))
    options = [f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}", f"-max_len={LONGEST_INPUT}"]
    options += [f"-dict={folder / 'words'}", f"-artifact_prefix={folder}/", f"-rss_limit_mb={MEMORY_MIB}"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(corpus)], parser.take)
    atheris.Fuzz()


def told(name: str, folder: Path, seconds: int) -> bool:
    """Fuzz one parser in a process of its own, print its line, and return whether it held."""
    folder = folder / name.replace(" ", "-")
    command = [sys.executable, "-m", "benchmarks.fuzz", "--here", "--folder", str(folder), "--seconds", str(seconds)]
    done = subprocess.run([*command, name], check=False, capture_output=True, text=True, errors="replace")
    said = done.stdout + done.stderr
    found = {key: int(number) for key, number in re.findall(r"stat::(\w+):\s+(\d+)", said)}
    covered = re.findall(r"cov: (\d+)", said)
    crashes = sum(len([*folder.glob(f"{kind}-*")]) for kind in ("crash", "timeout", "oom"))
    runs, peak = found.get("number_of_executed_units", 0), found.get("peak_rss_mb", 0)
    print(f"{name:<16}{runs:>12,}{crashes:>9}{covered[-1] if covered else '–':>10}{peak:>11}", flush=True)
    if done.returncode or crashes:
        print(said[-3000:], file=sys.stderr)
    return not (done.returncode or crashes) and runs > 0


def names() -> list[str]:
    from tests.hostile.parsers import PARSERS_OF  # noqa: PLC0415  # the fuzzer's process has to see it being imported

    return list(PARSERS_OF)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("parsers", nargs="*", metavar="PARSER")
    arguments.add_argument("--seconds", type=int, default=180, help="for each parser")
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.here:
        fuzzed(asked.parsers[0], asked.folder, asked.seconds)
        return 0
    if importlib.util.find_spec("atheris") is None:
        arguments.error("there is no atheris here: see the first lines of benchmarks/fuzz.py for how to get it")
    if unknown := set(asked.parsers) - set(names()):
        arguments.error(f"there is no parser {', '.join(sorted(unknown))}: there are {', '.join(names())}")
    print(f"{'parser':<16}{'inputs':>12}{'crashes':>9}{'coverage':>10}{'peak MiB':>11}", flush=True)
    with contextlib.ExitStack() as stack:
        folder = asked.folder or Path(tempfile.mkdtemp(prefix="mptcp-top-fuzz-"))
        stack.callback(print, f"what it found is in {folder}")
        held = [told(name, folder, asked.seconds) for name in asked.parsers or names()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
