"""Every process of docker-compose.yml as the image would run it: its entrypoint, command and environment, as `nobody`.

The packages are installed as the Dockerfile does, into a tree nobody may write. Names of the network become ports of this
machine; nothing else is changed, and nothing of the tests' own environment is passed on.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport_testkit.command import PASSWORD
from rapport_testkit.engines import running
from rapport_testkit.engines.ports import free_ports
from rapport_testkit.engines.process import as_nobody
from rapport_testkit.engines.s3 import CREDENTIALS
from tests.deploy.reading import ROOT, Process, compose, composed, dockerfile, entrypoint, image_environment

SECRETS = {
    "RAPPORT_IDENTITY_KEY": "k" * 48,
    "RAPPORT_DATABASE_PASSWORD": "any:w/rd%20@the-server-trusts",
    "RAPPORT_MASTER_PASSWORD": PASSWORD,
} | CREDENTIALS
PREFIX = "composed"
HTTP, OPERATORS = 8080, 9464
_STOP_SECONDS = 30


@dataclass
class Running:
    """The processes that run, with their ports, and where what they say is kept."""

    folder: Path
    tree: Path
    http: dict[str, int]
    operators: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def said(self, name: str) -> str:
        """The end of what a process printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2_000:]

    def job(self, name: str) -> None:
        """Run one of compose's jobs to its end."""
        done = self._start(name).wait(120)
        assert done == 0, self.said(name)

    def start(self, name: str) -> None:
        """Start one of compose's services."""
        self.processes[name] = self._start(name)

    def stop(self) -> None:
        """End all of them; each in the time that it is given."""
        for one in self.processes.values():
            one.terminate()
        for one in self.processes.values():
            one.wait(_STOP_SECONDS)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        writable = self.folder / name
        writable.mkdir()
        words = [*as_nobody(writable), str(self.tree / "bin" / entrypoint()[0]), *compose()[name]["command"]]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(words, env=self._environment(name, writable), cwd="/", stdout=log, stderr=log)

    def _environment(self, name: str, writable: Path) -> dict[str, str]:
        image = {key: value.replace("/opt/rapport", str(self.tree)) for key, value in image_environment().items()}
        image = {key: re.sub(r"^/tmp", str(writable), value) for key, value in image.items()}
        said = {key: _filled(value) for key, value in compose()[name]["environment"].items() if value is not None}
        found = image | {key: self._here(value) for key, value in said.items()}
        assert (found.pop("RAPPORT_PORT"), found.pop("RAPPORT_METRICS_PORT")) == (str(HTTP), str(OPERATORS))
        ports = {"RAPPORT_PORT": self.http.get(name, 0), "RAPPORT_METRICS_PORT": self.operators.get(name, 0)}
        return found | {"RAPPORT_HOST": "127.0.0.1"} | {key: str(port) for key, port in ports.items()}

    def _here(self, value: str) -> str:
        """Addresses of compose's network as addresses of this machine."""
        for name, port in self.http.items():
            value = value.replace(f"http://{name}:{HTTP}", f"http://127.0.0.1:{port}")
        server = running("postgres").url.rpartition("/")[0]
        value = value.replace("postgresql://rapport@postgres:5432/rapport_", f"{server}/{PREFIX}_")
        value = value.replace("kafka://kafka:9092", f"{running('kafka').url}?prefix={PREFIX}.")
        value = value.replace("http://s3:7070", running("s3").url.partition("endpoint=")[2].partition("&")[0])
        return value.replace("opensearch://opensearch:9200", f"{running('opensearch').url}?prefix={PREFIX}")


def _filled(value: Any) -> str:
    """What compose makes of `${NAME:?…}`."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: SECRETS[found.group(1)], str(value))


def names() -> dict[Process, str]:
    """Our processes by their name in compose."""
    named = {id(one): name for name, one in compose().items()}
    return {process: named[id(one)] for process, one in composed().items()}


@contextmanager
def composed_processes() -> Iterator[Running]:
    """All of them, started after their jobs as compose would; stopped at the end."""
    ours = list(names().values())
    ports = free_ports(2 * len(ours))
    folder = Path(tempfile.mkdtemp(prefix="rapport-deploy-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        found = Running(
            folder,
            _installed(folder / "tree"),
            dict(zip(ours, ports[: len(ours)], strict=True)),
            dict(zip(ours, ports[len(ours) :], strict=True)),
        )
        stack.callback(found.stop)
        for job in ("databases", "topics"):
            found.job(job)
        for name in ours:
            found.start(name)
        yield found


def _installed(tree: Path) -> Path:
    """The packages, by the Dockerfile's own command, and the console's place; nobody may write there."""
    command = shlex.split(dockerfile("RUN"))
    assert command[:2] == ["uv", "sync"]
    env = {"UV_PROJECT_ENVIRONMENT": str(tree)} | _inherited()
    fresh = [
        word for name in _ours() for word in ("--refresh-package", name)
    ]  # uv keeps wheels by their pyproject.toml
    words = [ROOT / "tools" / "uv", *command[1:], *fresh]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    subprocess.run(["chmod", "-R", "a-w", str(tree)], check=True)
    return tree


def _ours() -> list[str]:
    """Our packages' names."""
    return [
        tomllib.loads(path.read_text())["project"]["name"]
        for pattern in ("libs/*", "services/*", "gateway")
        for path in ROOT.glob(f"{pattern}/pyproject.toml")
    ]


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "VIRTUAL_ENV"))}
