"""A program that appends to a bus from another process, told by its input and telling what was acknowledged.

`python -m rapport_testkit.bus_appender <module:function> <address> <producer> <batches> <size>` prints `ready`, waits
for a line on its input, appends batches of `size` records and prints each batch's number once it is durable.
Record `i` of batch `b` has the key `<producer>-<i>` and the value `<b>/<size>`.
"""

from __future__ import annotations

import asyncio
import importlib
import sys

from rapport_chassis.bus.port import Bus, NewRecord
from rapport_contracts.topics import CUSTOMERS


def open_by_name(opener: str, address: str) -> Bus:
    """The bus that `module:function` makes of `address`."""
    module, _, function = opener.partition(":")
    bus: Bus = getattr(importlib.import_module(module), function)(address)
    return bus


async def run(opener: str, address: str, name: str, batches: int, size: int) -> None:
    """Append the batches, one after the other."""
    bus = open_by_name(opener, address)
    await bus.start()
    producer = await bus.producer(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    for batch in range(batches):
        value = f"{batch}/{size}".encode()
        await producer.append([NewRecord(CUSTOMERS, f"{name}-{number}", value) for number in range(size)])
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()
    await bus.close()


if __name__ == "__main__":
    _opener, _address, _name, _batches, _size = sys.argv[1:]
    asyncio.run(run(_opener, _address, _name, int(_batches), int(_size)))
