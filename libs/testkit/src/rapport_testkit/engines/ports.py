"""Free ports of this machine."""

from __future__ import annotations

import contextlib
import random
import socket

_FIRST, _END = 20_000, 32_000  # below those of outgoing connections, which would take ours before its server starts
_chance = random.SystemRandom()  # not of a seed that another run of the tests has as well
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """`count` ports in a row nobody listens on now, none of them given out before."""
    while True:
        first = _chance.randrange(_FIRST, _END - count)
        ports = list(range(first, first + count))
        if _given.isdisjoint(ports) and all(_is_free(port) for port in ports):
            _given.update(ports)
            return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def listens(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
