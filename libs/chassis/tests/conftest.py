"""A tiny service of its own, so that the chassis is tested as services use it."""

from __future__ import annotations

import gc
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import Depends, FastAPI, Response
from fastapi.routing import APIRouter
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select

from rapport_chassis.auth import Caller
from rapport_chassis.consumer import Consumer
from rapport_chassis.db import Tx, in_list
from rapport_chassis.http import IfMatch, Reply, Writes, create_app, if_match, requires, writes
from rapport_chassis.jobs import create_job
from rapport_chassis.outbox import Relay
from rapport_chassis.problems import Stale
from rapport_chassis.running_job import RunningJob
from rapport_chassis.service import Runtime, Service, Worker
from rapport_chassis.tables import chassis_tables
from rapport_contracts import topics
from rapport_testkit import engines
from rapport_testkit.service import Standing, running

pytest.register_assert_rewrite(
    "rapport_testkit.blobs_conformance",
    "rapport_testkit.bus_conformance",
    "rapport_testkit.bus_conformance_processes",
    "rapport_testkit.bus_model",
    "rapport_testkit.db_conformance",
)

metadata = MetaData()
chassis_tables(metadata)
notes = Table("notes", metadata, Column("id", Text, primary_key=True), Column("text", Text), Column("version", Integer))
seen = Table("seen", metadata, Column("event_id", Text, primary_key=True), Column("text", Text))


class NewNote(BaseModel):
    id: str
    text: str


def add_note(tx: Tx, body: NewNote) -> Reply:
    tx.conn.execute(insert(notes), {"id": body.id, "text": body.text, "version": 1})
    tx.publish_state(topics.TAGS, [(body.id, 1)])
    tx.publish_fact(topics.CUSTOMER_EVENTS, body.id, "note.added", orjson.dumps({"text": body.text}))
    return Reply.created({"id": body.id}, location=f"/notes/{body.id}", version=1)


def documents(conn: Any, keys: Any) -> dict[str, tuple[int, bytes]]:
    rows = conn.execute(select(notes).where(in_list(notes.c.id, keys)))
    return {
        row.id: (row.version, orjson.dumps({"id": row.id, "text": row.text, "version": row.version})) for row in rows
    }


def remember(tx: Tx, messages: Any) -> None:
    for message in messages:
        if message.data["text"].startswith("poison"):
            raise ValueError(message.data["text"])
        tx.conn.execute(insert(seen).prefix_with("OR IGNORE"), {"event_id": message.id, "text": message.data["text"]})


class Count:
    """A job that counts to its total, remembering where it was."""

    async def run(self, job: RunningJob) -> dict[str, Any]:
        at = job.state or 0
        while at < job.params["to"]:
            at += 1
            await job.checkpoint(at, done=at)
        return {"counted": at, "for": job.caller().id}


def web(runtime: Runtime) -> FastAPI:
    router = APIRouter()

    @router.post("/notes", status_code=201)
    async def create(
        body: NewNote, _caller: Caller = requires("customers.create"), write: Writes = Depends(writes)
    ) -> Response:
        return await write(lambda tx: add_note(tx, body))

    @router.patch("/notes/{note_id}")
    async def change(
        note_id: str,
        _caller: Caller = requires("customers.edit"),
        expected: IfMatch = Depends(if_match),
        write: Writes = Depends(writes),
    ) -> Response:
        def check(_tx: Tx) -> Reply:
            if expected.version != 1:
                raise Stale({"id": note_id, "version": 1})
            return Reply.no_content()

        return await write(check)

    @router.post("/counts", status_code=202)
    async def count(to: int, caller: Caller = requires(), write: Writes = Depends(writes)) -> Response:
        return await write(lambda tx: Reply.accepted(create_job(tx, "notes", "count", {"to": to}, caller.id, total=to)))

    return create_app(runtime, [router])


def worker(_runtime: Runtime) -> Worker:
    return Worker(
        relay=Relay({topics.TAGS: documents}),
        consumers=[Consumer(topics.CUSTOMER_EVENTS, "notes.events", remember, failures_in_a_row=3)],
        jobs={"count": Count()},
    )


SERVICE = Service("notes", metadata, "notes_migrations", web, worker)


@pytest.fixture
async def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Standing]:
    async def create_all(db: Any, _package: str) -> None:
        await db.write(lambda tx: metadata.create_all(tx.conn))

    monkeypatch.setattr("rapport_testkit.service.migrate", create_all)
    async with running(SERVICE, tmp_path) as standing:
        yield standing


@pytest.fixture(autouse=True)
def _sockets_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """aiokafka leaves sockets of refused connections to the collector: they go here, not in the middle of a later test."""
    yield
    if "kafka" in request.node.nodeid or "shared" in request.node.nodeid:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture
async def kafka() -> AsyncIterator[Any]:
    """`KafkaUnderTest`: topics that nobody else uses, made, on the broker of this run."""
    from rapport_testkit.bus_kafka import KafkaUnderTest  # after its suites are registered above

    made = KafkaUnderTest(engines.running("kafka").url)
    await made.make()
    yield made
    await made.remove()
