"""A service standing alone in a test: real database file, real bus, its HTTP app, hand-written peers.

`async with running(SERVICE, tmp_path) as it:` gives `it.client(caller)`, `await it.drain()`, `it.runtime`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from rapport_chassis.auth import Directory, catch_up
from rapport_chassis.blobs import open_blobs
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import NewRecord
from rapport_chassis.clock import Clock, SystemClock
from rapport_chassis.consumer import ConsumerLoop
from rapport_chassis.db import open_database
from rapport_chassis.job_loop import JobLoop
from rapport_chassis.migrate import migrate
from rapport_chassis.outbox import RelayLoop
from rapport_chassis.peers import IDENTITY_HEADER, Peers
from rapport_chassis.service import Runtime, Service, Worker
from rapport_chassis.signing import Signer
from rapport_chassis.telemetry import Metrics
from rapport_contracts import permissions, topics
from rapport_contracts.envelope import seal
from rapport_contracts.topics import Topic
from rapport_testkit.blob_keys import keys_of
from rapport_testkit.databases import database_url
from rapport_testkit.engines.s3 import CREDENTIALS
from rapport_testkit.topology import blob_url, bus_url

KEY = "a-test-key-that-is-long-enough-for-hs256"
MASTER = "master"


@dataclass
class Standing:
    """A service that runs in this test."""

    runtime: Runtime
    app: Any
    worker: Worker
    loops: list[ConsumerLoop]
    relay: RelayLoop
    signer: Signer
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def token(self, user: str = MASTER) -> str:
        """A signed identity of `user`."""
        return self.signer.sign(user, self.runtime.directory.version)

    def client(self, user: str | None = MASTER) -> httpx.AsyncClient:
        """An HTTP client of the service's own app (no gateway), as `user`; None is nobody."""
        headers = {IDENTITY_HEADER: self.token(user)} if user else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)
        self._clients.append(client)
        return client

    async def drain(self) -> None:
        """Run the relay and every consumer until nothing is left to do."""
        while True:
            moved = await self.relay.once()
            for loop in self.loops:
                moved += await loop.once()
            if not moved:
                return

    def blob_keys(self, prefix: str = "") -> list[str]:
        """What is visible in the blob store below a prefix, without it."""
        return keys_of(blob_url(Path(self.runtime.data)), prefix)

    def jobs(self) -> JobLoop:
        """The job loop, for tests that run it as a task."""
        return JobLoop(self.runtime, self.worker.jobs)

    async def publish(
        self, topic: Topic, key: str, data: Any, *, type_: str | None = None, event_id: str | None = None
    ) -> None:
        """Append one record as another service would; state by default, a fact with `type_`."""
        now = self.runtime.clock.now()
        value = seal(
            source=topic.owner,
            type_=type_ or topic.name,
            subject=key,
            data=orjson.dumps(data, option=orjson.OPT_UTC_Z),
            time=now,
            event_id=event_id,
        )
        producer = await self.runtime.bus.producer(f"test-{topic.owner}")
        await producer.append([NewRecord(topic, key, value)])

    async def user(self, user: str, grants: Sequence[str], groups: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Make a user with these permissions; `groups` are group accesses, None sees every group."""
        version = self.runtime.directory.version + 1
        role = {"type": "role", "id": f"role-{user}", "name": user, "permissions": list(grants), "version": version}
        role["group_access"] = None if groups is None else list(groups)
        await self.publish(topics.USERS, f"role:role-{user}", role)
        person = {"type": "user", "id": user, "username": user, "roles": [role["id"]], "group_access": []}
        await self.publish(topics.USERS, f"user:{user}", person | {"version": version})
        await self.settle()

    async def group(
        self, group_id: str, name: str | None = None, parent_id: str | None = None, version: int = 1
    ) -> None:
        """Announce a group, as customers would."""
        group = {"type": "group", "id": group_id, "name": name or group_id, "parent_id": parent_id, "version": version}
        await self.publish(topics.DEFINITIONS, f"group:{group_id}", group)
        await self.settle()

    async def settle(self) -> None:
        """Let the directory read what is in the topics now."""
        await catch_up(self.runtime.directory, self.runtime.bus)

    async def read(self, topic: Topic) -> list[dict[str, Any]]:
        """The envelopes of everything in a topic."""
        from rapport_chassis.broadcast import Broadcast

        found: list[dict[str, Any]] = []
        await Broadcast(self.runtime.bus, [topic], "start").until_end(
            lambda messages: found.extend(message.envelope for message in messages)
        )
        return found


@contextlib.asynccontextmanager
async def running(
    service: Service,
    folder: Path,
    *,
    peers: Mapping[str, Any] = {},
    env: Mapping[str, str] = {},
    clock: Clock | None = None,
) -> AsyncIterator[Standing]:
    """Start `service` on `folder` (again on the same folder: what was there is there). `peers` are ASGI apps by name."""
    url = database_url(service.name, service.metadata, service.migrations, folder)
    db = open_database(url, service.metadata, clock=clock, name=service.name)
    clock = clock or SystemClock()
    signer = Signer(KEY, clock)
    bus = open_bus(bus_url(folder), clock=clock)
    runtime = Runtime(
        name=service.name,
        role="worker",
        db=db,
        bus=bus,
        blobs=open_blobs(blob_url(folder), CREDENTIALS),
        clock=clock,
        directory=Directory(signer),
        peers=Peers(peers.get, {}),
        metrics=Metrics(),
        env=env,
        data=str(folder),
        sole_worker=db.sole_worker,
    )
    await bus.start()
    await db.start()
    await migrate(db, service.migrations)
    if service.on_start:
        await service.on_start(runtime)
    worker = service.worker(runtime)
    standing = Standing(
        runtime=runtime,
        app=service.web(runtime),
        worker=worker,
        loops=[ConsumerLoop(one, db, bus, runtime.metrics) for one in worker.consumers],
        relay=RelayLoop(service.name, worker.relay, db, bus, clock, runtime.metrics),
        signer=signer,
    )
    if not standing.runtime.directory.version:
        await standing.settle()
    if not standing.runtime.directory.version:
        await standing.user(MASTER, permissions.ALL)
    try:
        yield standing
    finally:
        for client in standing._clients:  # noqa: SLF001
            await client.aclose()
        if service.on_stop:
            await service.on_stop(runtime)
        await db.close()
        await bus.close()
        await runtime.blobs.close()
