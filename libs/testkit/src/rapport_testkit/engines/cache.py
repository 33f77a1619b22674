"""Where downloaded engines are kept: made once, compared with the checksum in the code, never half there."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from rapport_testkit.engines.engine import EngineMissing

_CHECKOUT = Path(__file__).parents[5]
_TRIES = 3


def cache() -> Path:
    """`RAPPORT_ENGINE_CACHE`, or `.cache/engines` of the checkout."""
    return Path(os.environ.get("RAPPORT_ENGINE_CACHE") or _CHECKOUT / ".cache" / "engines")


def kept(name: str, sha256: str | None, make: Callable[[Path], object]) -> Path:
    """The folder `name` (with its version) of the cache; when missing, `make(folder)` fills an empty one that is checked first.

    `sha256` is the `digest` of what `make` leaves; None when `make` itself sees to it. Another process that wants the same waits.
    Raises `EngineMissing`.
    """
    folder = cache() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make(folder, sha256, make)
    return folder


def _make(folder: Path, sha256: str | None, make: Callable[[Path], object]) -> None:
    aside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    make(aside)
    found = digest(aside)
    if sha256 not in {None, found}:
        raise EngineMissing(
            f"{folder.name} is not what was pinned: sha256 {found}, expected {sha256}; it is in {aside}"
        )
    aside.rename(folder)


def digest(folder: Path) -> str:
    """The SHA-256 over the sorted lines `sha256  path` of all files, as `sha256sum` writes them."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder)}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def maven(folder: Path, *coordinates: str, transitive: bool = False) -> None:
    """Copy artifacts (`group:artifact:version[:packaging]`) into `folder`, with what they need at run time if `transitive`.

    Maven resumes a download that was broken off, so it is asked again. Raises `EngineMissing`.
    """
    pom = folder.with_name(f"{folder.name}.pom.xml")
    pom.write_text(_pom(coordinates, transitive=transitive))
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    run([program("mvn", "Maven (Debian: apt install maven)"), "-q", "-B", "-f", str(pom), *copy])
    pom.unlink()


def _pom(coordinates: Sequence[str], *, transitive: bool) -> str:
    dependencies = []
    for coordinate in coordinates:
        group, artifact, version, *packaging = coordinate.split(":")
        dependencies.append(
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
            + "".join(f"<type>{one}</type>" for one in packaging)
            + (
                ""
                if transitive
                else "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
            )
            + "</dependency>"
        )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>rapport</groupId>'
        f"<artifactId>engine</artifactId><version>1</version><dependencies>{''.join(dependencies)}</dependencies></project>"
    )


def program(name: str, what: str) -> str:
    """The path of a program. Raises `EngineMissing`, which tells to install `what`."""
    found = shutil.which(name)
    if found is None:
        raise EngineMissing(f"the engines need “{name}”, which is not on this machine: install {what}")
    return found


def run(command: Sequence[str], **more: str) -> None:
    """Run a client of a registry, again when it fails: it goes on where it was. `more` adds to the environment.

    Raises `EngineMissing` with what it said last.
    """
    for _ in range(_TRIES):
        done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
    raise EngineMissing(f"“{' '.join(command)}” failed {_TRIES} times:\n{(done.stdout + done.stderr)[-3_000:]}")
