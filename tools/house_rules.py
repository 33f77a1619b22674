"""House rules that no bought linter knows: names, file lengths, places. Prints each offence; exit status 1 when there is one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 400
NINETIETH = 250
VAGUE = {"utils", "helpers", "common", "manager", "base", "misc"}
NO_PACKAGE = [*ROOT.glob("services/*"), ROOT / "gateway"]
EMPTY_PROMISES = ("NotImplemented" + "Error", "pragma: no " + "cover", "TO" + "DO", "FIX" + "ME", "X" * 3)


def main() -> int:
    """Check every tracked file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    offences = [*_names(files), *_lengths(files), *_packages(), *_promises(files), *_lock()]
    for offence in offences:
        print(offence)
    return 1 if offences else 0


def _code(files: list[Path]) -> list[Path]:
    generated = ("openapi", ".gen.", "/generated/")
    return [
        path
        for path in files
        if path.suffix in {".py", ".ts", ".tsx"} and not any(word in path.as_posix() for word in generated)
    ]


def _names(files: list[Path]) -> Iterator[str]:
    for path in _code(files):
        vague = VAGUE & set(path.relative_to(ROOT).with_suffix("").parts)
        if vague:
            yield f"{path.relative_to(ROOT)}: “{', '.join(vague)}” says nothing about what is in it"


def _lengths(files: list[Path]) -> Iterator[str]:
    lengths = sorted((len(path.read_text().splitlines()), path) for path in _code(files))
    for length, path in lengths:
        if length > LONGEST:
            yield f"{path.relative_to(ROOT)}: {length} lines; {LONGEST} is the end"
    if lengths and lengths[int(len(lengths) * 0.9)][0] > NINETIETH:
        yield f"one file in ten has over {NINETIETH} lines"


def _packages() -> Iterator[str]:
    for folder in NO_PACKAGE:
        if (folder / "__init__.py").exists():
            yield f"{folder.relative_to(ROOT)}/__init__.py would shadow what it is named after"


def _promises(files: list[Path]) -> Iterator[str]:
    for path in _code(files):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for word in EMPTY_PROMISES:
                if word in line:
                    yield f"{path.relative_to(ROOT)}:{number}: “{word}”: finish it or leave it out"


def _lock() -> Iterator[str]:
    for line in (ROOT / "uv.lock").read_text().splitlines():
        if "registry = " in line and "https://pypi.org/simple" not in line:
            yield f"uv.lock: {line.strip()}: only the public default registry"
            return
    lock = ROOT / "web" / "package-lock.json"
    if lock.exists():
        for line in lock.read_text().splitlines():
            if '"resolved": "http' in line and "https://registry.npmjs.org/" not in line:
                yield f"web/package-lock.json: {line.strip()}: only the public default registry"
                return


if __name__ == "__main__":
    sys.exit(main())
