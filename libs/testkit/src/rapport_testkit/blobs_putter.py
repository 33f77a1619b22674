"""A process that puts a blob without end, to be killed on the way: `python -m rapport_testkit.blobs_putter URL KEY`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Final

from rapport_chassis.blobs import open_blobs

_MEBIBYTE: Final = bytes(1 << 20)
_BEGUN_AFTER: Final = 20


async def _endless() -> AsyncIterator[bytes]:
    for number in range(1_000_000):
        if number >= _BEGUN_AFTER:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            await asyncio.sleep(0.1)
        yield _MEBIBYTE


if __name__ == "__main__":
    asyncio.run(open_blobs(sys.argv[1], os.environ).put(sys.argv[2], _endless()))
