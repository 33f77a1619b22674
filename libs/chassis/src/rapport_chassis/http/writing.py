"""Writing by HTTP: the Idempotency-Key is claimed inside the effect's own transaction and the answer is kept there.

So a crash leaves either both or neither, a repeat gets the first answer, and one that runs at the same time waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request, Response
from sqlalchemy import delete, insert, select, update

from rapport_chassis.db import Ahead, Tx, delete_some
from rapport_chassis.http.headers import reads
from rapport_chassis.http.identity import caller_of, runtime_of
from rapport_chassis.jobs import Job
from rapport_chassis.problems import Invalid, Problem

KEPT = timedelta(hours=24)
_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The version that the caller last saw."""

    version: int


@reads("If-Match", "the ETag that you last saw")
async def if_match(request: Request) -> IfMatch:
    """The `If-Match` header. Raises `Problem` 428 `precondition_required` without it, 422 for what is not an ETag of ours."""
    header = request.headers.get("if-match")
    if header is None:
        raise Problem("precondition_required", "Send If-Match with the ETag that you last saw.", status=428)
    bare = header.strip().removeprefix("W/").strip('"')
    if not (bare.isascii() and bare.isdigit()) or len(bare) > 18:  # noqa: PLR2004  what a BIGINT holds
        raise Invalid('If-Match must be an ETag such as "7".')
    return IfMatch(int(bare))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to be made in the transaction that it speaks of."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def ok(body: Any, *, version: int | None = None) -> Reply:
        """200."""
        return Reply(200, body, _etag(version))

    @staticmethod
    def created(body: Any, *, location: str, version: int | None = None) -> Reply:
        """201 with the place of the new thing; a header is ASCII, so a name in the place is percent-encoded."""
        return Reply(201, body, {"location": f"/api/v1{quote(location, safe='/:')}"} | _etag(version))

    @staticmethod
    def accepted(job: Job) -> Reply:
        """202: a job was queued."""
        return Reply(202, job.document(), {"location": f"/api/v1/jobs/{job.id}"})

    @staticmethod
    def no_content() -> Reply:
        """204."""
        return Reply(204)

    def render(self, positions: list[str]) -> Rendered:
        """Status, headers and bytes."""
        content = b"" if self.body is None else _dumps(self.body)
        headers = dict(self.headers) | ({"content-type": "application/json"} if content else {})
        if positions:
            headers["x-position"] = ",".join(positions)
        return Rendered(self.status, headers, content)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer ready to send, and to be kept for repeats."""

    status: int
    headers: dict[str, str]
    content: bytes

    def response(self) -> Response:
        """For the framework."""
        return Response(self.content, self.status, self.headers)


class Writes:
    """Runs one write of a request: `return await writes(lambda tx: Reply.created(use_case(tx, …), …))`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def __call__(
        self, fn: Callable[[Tx], Reply], *, fingerprint: str | None = None, ahead: Ahead | None = None
    ) -> Response:
        """Run `fn` in a transaction and answer with its reply; once for an Idempotency-Key.

        `fingerprint` replaces the body in the comparison of repeats (uploads: the file's hash). Raises `Invalid` 422
        `idempotency_mismatch` when the key was used with another body.
        """
        db = runtime_of(self._request).db
        key = self._request.headers.get("idempotency-key")
        if not key or self._request.method != "POST":
            return (await db.write_together(lambda tx: fn(tx).render(tx.positions), ahead)).response()
        if len(key) > _KEY_LENGTH:
            raise Invalid("The Idempotency-Key is longer than 200 characters.")
        caller = await caller_of(self._request)
        said = fingerprint.encode() if fingerprint else await self._request.body()
        place = f"{self._request.url.path}?{self._request.url.query}".encode()
        print_ = hashlib.sha256(place + b"\0" + said).hexdigest()
        return (await db.write_together(lambda tx: _once(tx, f"{caller.id}:{key}", print_, fn), ahead)).response()


@reads("Idempotency-Key", "one effect, one answer for 24 h", maxLength=_KEY_LENGTH)
async def writes(request: Request) -> Writes:
    """The dependency that gives a route its `Writes`."""
    return Writes(request)


def _once(tx: Tx, key: str, fingerprint: str, fn: Callable[[Tx], Reply]) -> Rendered:
    table = tx.tables.idempotency
    tx.conn.execute(delete(table).where(table.c.key == key, table.c.at < tx.now - KEPT))
    known = tx.conn.execute(select(table).where(table.c.key == key)).first()
    if known is not None:
        if known.fingerprint != fingerprint:
            detail = "This Idempotency-Key was used for another request."
            raise Invalid(detail, code="idempotency_mismatch")
        return Rendered(known.status, known.headers | {"idempotent-replay": "true"}, known.body)
    tx.conn.execute(insert(table), {"key": key, "fingerprint": fingerprint, "at": tx.now})
    made = fn(tx).render(tx.positions)
    kept = {"status": made.status, "headers": made.headers, "body": made.content}
    tx.conn.execute(update(table).where(table.c.key == key).values(kept))
    return made


def forget_old_keys(tx: Tx) -> int:
    """Retention of idempotency keys, 24 hours: delete some older ones; how many."""
    table = tx.tables.idempotency
    return delete_some(tx.conn, table.c.key, table.c.at < tx.now - KEPT)


def _etag(version: int | None) -> dict[str, str]:
    return {} if version is None else {"etag": f'"{version}"'}


def _dumps(body: Any) -> bytes:
    from pydantic import BaseModel

    def default(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value.model_dump(mode="json")
        raise TypeError(type(value))

    return orjson.dumps(body, default=default, option=orjson.OPT_UTC_Z)
