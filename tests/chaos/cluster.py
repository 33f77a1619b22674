"""Services in processes and folders of their own, several of some: as on several machines that share the engines alone."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rapport_testkit.command import own_environment, rapport
from rapport_testkit.engines.ports import free_ports


@dataclass
class Instance:
    """One `rapport serve`; `port` is 0 for a worker."""

    names: tuple[str, ...]
    role: str
    port: int
    data: Path
    process: subprocess.Popen[bytes]

    def works(self) -> bool:
        """Whether this worker does its work."""
        lock = self.data / f"{self.names[0]}.worker.lock"
        return lock.is_file() and lock.read_text() == str(self.process.pid)


@dataclass
class Cluster:
    """`ports` are those that web instances may have, which everybody knows before they run: one may come later."""

    folder: Path
    env: Mapping[str, str]
    ports: dict[str, list[int]] = field(default_factory=dict)
    running: list[Instance] = field(default_factory=list)
    _started: int = 0

    @property
    def log(self) -> Path:
        """What all of them said."""
        return self.folder / "log"

    def reserve(self, name: str, count: int) -> None:
        """Ports for so many web instances of `name`."""
        self.ports[name] = free_ports(count)

    def start(self, *names: str, role: str) -> Instance:
        """An instance with a folder of its own; web at a port of the first name that none has."""
        self._started += 1
        port = next(one for one in self.ports[names[0]] if one not in self._taken()) if role == "web" else 0
        data = self.folder / str(self._started)
        env = own_environment(data, dict(self.env) | self._urls() | {"RAPPORT_PORT": str(port)})
        with self.log.open("ab") as log:
            process = subprocess.Popen(rapport("serve", *names, "--role", role), env=env, stdout=log, stderr=log)
        self.running.append(Instance(names, role, port, data, process))
        return self.running[-1]

    def of(self, name: str, role: str) -> list[Instance]:
        """The instances of a service in a role, the oldest first."""
        return [one for one in self.running if (one.names[0], one.role) == (name, role)]

    def kill(self, instance: Instance) -> None:
        """Kill -9, and wait for its end."""
        instance.process.send_signal(signal.SIGKILL)
        instance.process.wait(30)
        self.running.remove(instance)

    def ended(self) -> list[Instance]:
        """Those that ended by themselves."""
        return [one for one in self.running if one.process.poll() is not None]

    def stop(self) -> None:
        """End all."""
        for one in self.running:
            one.process.kill()
        for one in self.running:
            one.process.wait(30)

    def _taken(self) -> set[int]:
        return {one.port for one in self.running}

    def _urls(self) -> dict[str, str]:
        return {
            f"RAPPORT_SERVICE_{name.upper()}_URL": ",".join(f"http://127.0.0.1:{port}" for port in ports)
            for name, ports in self.ports.items()
            if name != "gateway"
        }
