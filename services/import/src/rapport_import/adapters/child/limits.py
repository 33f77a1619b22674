"""The limits a child puts on itself before it touches a file; the hard ones cannot be raised again."""

from __future__ import annotations

import os
import resource
import signal
from typing import Final

from rapport_import.domain.files import FileRefused, Limits

_FILE_BYTES: Final = 8 << 30
_OPEN_FILES: Final = 64
_NICE: Final = 5  # whoever waits for a page goes first


def confine(limits: Limits) -> None:
    """Memory (address space), processor seconds, size of written files, open files, no core dump."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when a child ends
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, _FILE_BYTES, _FILE_BYTES)
    _limit(resource.RLIMIT_CPU, limits.seconds, limits.seconds + 5)
    _limit(resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes_most)


def raise_memory(need: int, limits: Limits) -> None:
    """Allow `need` bytes, which the check of the file found, up to the hard limit. Raises `FileRefused` beyond it."""
    if need > limits.memory_bytes_most:
        raise FileRefused("file_too_large", f"Reading this file would take {need >> 20:,} MB of memory. Split it.")
    _limit(resource.RLIMIT_AS, max(need, limits.memory_bytes), limits.memory_bytes_most)


def _limit(what: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(what)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(what, (soft, hard))
