"""Starting and stopping aiokafka's clients so that none leaves a connection open, at whatever line it is cancelled.

What aiokafka 0.14 forgets is done here: the connection that a cancelled `bootstrap` was asking over, and every connection of a
client whose `stop` was cancelled or failed before its last line.
"""

# mypy: disable-error-code="misc"
# (aiokafka comes without types: its classes are Any to mypy)

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, errors
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import create_conn
from aiokafka.protocol.metadata import MetadataRequest

__all__ = ["begun", "bootstrap", "ended"]

_STOP_SECONDS = 2.0
_BOOTSTRAP = ("bootstrap", ConnectionGroup.DEFAULT)


async def begun(one: AIOKafkaConsumer | AIOKafkaProducer, connection: Mapping[str, Any]) -> None:
    """Start it, with what it was told of the cluster; what does not come to its end is ended (`ended`) before this raises."""
    client = _client_of(one)
    client.bootstrap = lambda: bootstrap(client, connection)
    try:
        await one.start()
    except BaseException:
        await ended(one)
        raise


async def ended(one: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Let it stop, for two seconds at most and however it feels, and close what it has open; a cancellation waits for that."""
    await _to_the_end(_stopped(one))


async def bootstrap(client: AIOKafkaClient, connection: Mapping[str, Any]) -> None:
    """As `AIOKafkaClient.bootstrap`, but the client's `close` knows of the connection. Raises `KafkaConnectionError`."""
    seconds = {"request_timeout_ms": client._request_timeout_ms}  # noqa: SLF001  what aiokafka keeps to itself
    others = {name: value for name, value in connection.items() if name != "bootstrap_servers"}
    for host, port, _ in client.hosts:
        try:
            client._conns[_BOOTSTRAP] = await create_conn(host, port, **seconds, **others)  # noqa: SLF001
            client.cluster.update_metadata(await client._conns[_BOOTSTRAP].send(MetadataRequest([])))  # noqa: SLF001
        except (errors.KafkaError, TimeoutError, OSError):
            continue
        client._sync_task = asyncio.create_task(client._md_synchronizer())  # noqa: SLF001
        return
    raise errors.KafkaConnectionError(f"Unable to bootstrap from {client.hosts}")


async def _to_the_end(work: Awaitable[None]) -> None:
    """Do `work` whatever happens; a cancellation goes on when it is done."""
    doing = asyncio.ensure_future(work)
    cancelled = False
    while not doing.done():
        try:
            await asyncio.wait([doing])
        except asyncio.CancelledError:
            cancelled = True
    doing.result()
    if cancelled:
        raise asyncio.CancelledError


async def _stopped(one: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    await asyncio.sleep(0)  # its tasks do not survive that they are cancelled before they began
    await _within(_STOP_SECONDS, one.stop())
    await _within(_STOP_SECONDS, _client_of(one).close())  # harmless when `stop` came so far


async def _within(seconds: float, work: Awaitable[object]) -> None:
    """Give it so long; how it ends does not matter."""
    doing = asyncio.ensure_future(work)
    _, late = await asyncio.wait([doing], timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(doing, return_exceptions=True)


def _client_of(one: AIOKafkaConsumer | AIOKafkaProducer) -> AIOKafkaClient:
    return one.client if isinstance(one, AIOKafkaProducer) else one._client  # noqa: SLF001
