"""What an engine is to those who use one: a name, a URL, and a way to stop it."""

from __future__ import annotations

from dataclasses import dataclass

from rapport_testkit.engines.process import Server


class EngineMissing(Exception):  # noqa: N818  a state of the machine, not of the code
    """Something an engine needs is not on this machine and could not be brought; the message says what to install."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers at `url`; `server` is None when somebody else started it."""

    name: str
    url: str
    server: Server | None = None

    def stop(self) -> None:
        """Stop it and remove its folder, if it was started here. May be called twice."""
        if self.server is not None:
            self.server.stop()
