"""The command `rapport` in a test, which finds nothing of this machine's own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PASSWORD = "a quiet river of paper 7"
"""The master's, wherever a test starts Rapport."""


def rapport(*words: str) -> list[str]:
    """The command line of `rapport WORD…`."""
    return [sys.executable, "-m", "rapport_host", *words]


def own_environment(data: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What a process on `data` is told: `env`, and of the machine's environment what is not for Rapport."""
    machine = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "TWILIO_"))}
    return machine | {"RAPPORT_DATA": str(data), "RAPPORT_MASTER_PASSWORD": PASSWORD} | dict(env)


def run_rapport(*words: str, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`rapport WORD…` to its end; the tests look at its status."""
    return subprocess.run(
        rapport(*words), env=own_environment(data, env), capture_output=True, text=True, timeout=300, check=False
    )
