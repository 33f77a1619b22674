"""The routes that every service has: its jobs, its parked messages, its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis import jobs, parking
from rapport_chassis.adapters import look_at
from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http.identity import public, requires, runtime_of
from rapport_chassis.http.pages import After, Limit, page
from rapport_chassis.http.writing import Reply, Writes, writes
from rapport_chassis.outbox import outbox_depth
from rapport_chassis.parked_discard import discard
from rapport_chassis.problems import NotFound, Problem
from rapport_chassis.tables import ChassisTables

if TYPE_CHECKING:
    from rapport_chassis.service import Runtime

T = TypeVar("T")
Verb = Literal["pause", "resume", "cancel"]
_SOON_SECONDS = 0.8  # who asks a service how it is gives up after two
_log = logging.getLogger(__name__)


def operation_router() -> APIRouter:
    """The router."""
    router = APIRouter()
    _add_jobs(router)
    _add_parked(router)
    _add_health(router)
    return router


def _add_jobs(router: APIRouter) -> None:
    @router.get("/jobs", tags=["jobs"])
    async def list_jobs(
        request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires()
    ) -> dict[str, Any]:
        """Jobs of the caller, newest first (of everybody with `system.view`)."""
        runtime = runtime_of(request)
        mine = None if caller.can("system.view") else caller.id
        found = await runtime.db.read(
            lambda conn: jobs.find_jobs(conn, runtime.db.tables, created_by=mine, before=after, limit=limit)
        )
        return page([job.document() for job in found], found[-1].id if len(found) == limit else None)

    @router.get("/jobs/{job_id}", tags=["jobs"])
    async def read_job(request: Request, job_id: str, caller: Caller = requires()) -> dict[str, Any]:
        """One job."""
        runtime = runtime_of(request)
        job = await runtime.db.glance(jobs.get_job, runtime.db.tables, job_id)
        _refuse_foreign(job, caller)
        return job.document()

    @router.post("/jobs/{job_id}:{verb}", tags=["jobs"])
    async def steer_job(
        job_id: str, verb: Verb, caller: Caller = requires(), write: Writes = Depends(writes)
    ) -> Response:
        """Pause, resume or cancel. 409 `in_use` when its state does not allow it."""
        return await write(lambda tx: Reply.ok(_steer(tx, job_id, verb, caller).document()))


def _steer(tx: Any, job_id: str, verb: Verb, caller: Caller) -> jobs.Job:
    _refuse_foreign(jobs.get_job(tx.conn, tx.tables, job_id), caller)
    return jobs.steer(tx, job_id, verb)


def _refuse_foreign(job: jobs.Job, caller: Caller) -> None:
    if job.created_by != caller.id and not caller.can("system.view"):
        raise NotFound("There is no such job.")


def _add_parked(router: APIRouter) -> None:
    @router.get("/parked-messages", tags=["operation"])
    async def list_parked(
        request: Request, limit: Limit = 50, after: After = None, _caller: Caller = requires("system.view")
    ) -> dict[str, Any]:
        """Messages that failed for good and wait for a person, oldest first."""
        runtime = runtime_of(request)
        items = await runtime.db.read(lambda conn: parking.listed(conn, runtime.db.tables, limit, after))
        named = [item | {"id": f"{runtime.name}-{item['id']}", "service": runtime.name} for item in items]
        return page(named, items[-1]["id"] if len(items) == limit else None)

    @router.post("/parked-messages/{parked_id}:replay", tags=["operation"], status_code=202)
    async def replay(
        request: Request, parked_id: str, _caller: Caller = requires("parked.replay"), write: Writes = Depends(writes)
    ) -> Response:
        """Try a parked message, and those behind it, again."""
        bare = parked_id.removeprefix(f"{runtime_of(request).name}-")
        return await write(lambda tx: _asked(tx, bare, parked_id))

    @router.post("/parked-messages/{parked_id}:discard", tags=["operation"], status_code=204)
    async def give_up(
        request: Request, parked_id: str, caller: Caller = requires("parked.replay"), write: Writes = Depends(writes)
    ) -> Response:
        """Give a parked message up: its effect will never be. Those behind it are tried again."""
        bare = parked_id.removeprefix(f"{runtime_of(request).name}-")
        answer = await write(lambda tx: _discarded(tx, bare))
        _log.warning("a parked message was given up", extra={"parked": parked_id, "by": caller.id})
        return answer


def _asked(tx: Any, bare: str, parked_id: str) -> Reply:
    if not parking.ask_replay(tx, bare):
        raise _no_such_message()
    return Reply(202, {"id": parked_id})


def _discarded(tx: Any, bare: str) -> Reply:
    if not discard(tx, bare):
        raise _no_such_message()
    return Reply.no_content()


def _no_such_message() -> NotFound:
    return NotFound("There is no such parked message.")


def _add_health(router: APIRouter) -> None:
    @router.get("/internal/health", include_in_schema=False, dependencies=[public()])
    async def health(request: Request) -> dict[str, Any]:
        """Whether the database answers, what waits in the outbox, what is parked, how far each consumer is behind.

        An engine of its own that is away is told in `adapters`; the service itself is well and says so to who asks it.
        """
        try:
            return await _state(runtime_of(request))
        except EngineUnavailable as away:
            raise Problem("engine_unavailable", str(away), status=503, headers={"retry-after": "2"}) from away


async def _state(runtime: Runtime) -> dict[str, Any]:
    db, tables = runtime.db, runtime.db.tables
    depth, since = await _soon("the database", db.read(outbox_depth, tables))
    parked, positions = await _soon("the database", db.read(_consumers, tables))
    lag: dict[str, int] = {}
    for consumer, topic, partition, at in positions:
        ends = await _soon("the bus", runtime.ends_of(topic))
        lag[consumer] = lag.get(consumer, 0) + max(0, ends.get(partition, 0) - at)
    age = (runtime.clock.now() - since).total_seconds() if since else 0
    return {
        "service": runtime.name,
        "ok": True,
        "outbox": {"rows": depth, "age_seconds": age},
        "parked": parked,
        "consumers": [{"name": name, "lag": behind} for name, behind in lag.items()],
        "adapters": [asdict(seen) for seen in await look_at(runtime.adapters)],
    }


async def _soon(what: str, answer: Awaitable[T]) -> T:
    """Its answer, if it comes before who asks has gone. Raises `EngineUnavailable`."""
    try:
        async with asyncio.timeout(_SOON_SECONDS):
            return await answer
    except TimeoutError:
        raise EngineUnavailable(f"{what} does not answer in time") from None


def _consumers(conn: Any, tables: ChassisTables) -> tuple[int, list[Any]]:
    from sqlalchemy import func, select

    offsets = tables.offsets
    parked = conn.execute(select(func.count()).select_from(tables.parked)).scalar_one()
    columns = (offsets.c.consumer, offsets.c.topic, offsets.c.partition, offsets.c.next)
    return parked, list(conn.execute(select(*columns)))
