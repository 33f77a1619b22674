"""What identity's routes read from a request beyond its body: where it came from, its session, the service's parts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import orjson
from fastapi import Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database
from rapport_chassis.http import runtime_of
from rapport_chassis.problems import FieldError, Invalid
from rapport_chassis.telemetry import current_request_id
from rapport_identity.application.audit import Origin
from rapport_identity.application.sign_in import Doorkeeper
from rapport_identity.config import Config
from rapport_identity.entrypoints.http.schemas import GroupAccessBody
from rapport_identity.store.connection import Connection

# Set by the gateway on every request, and dropped by it from requests that come from outside.
CLIENT_HEADER = "x-rapport-client"
SESSION_HEADER = "x-rapport-session"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes stand on."""

    doorkeeper: Doorkeeper
    config: Config


def parts_of(request: Request) -> Parts:
    """The service's parts."""
    return cast("Parts", request.app.state.identity)


def db_of(request: Request) -> Database:
    """The service's database."""
    return runtime_of(request).db


def origin_of(request: Request, caller: Caller | None = None) -> Origin:
    """Where the request came from, for the audit log."""
    return Origin(
        actor_id=caller.id if caller else None,
        via=caller.via if caller else "form",
        ip=request.headers.get(CLIENT_HEADER),
        request_id=current_request_id(),
    )


def session_of(request: Request) -> str | None:
    """The id of the session the request was made in; None for an API key."""
    return request.headers.get(SESSION_HEADER)


async def refuse_unknown_groups(
    request: Request,
    caller: Caller,
    access: Sequence[GroupAccessBody] | None,
    held: Callable[[Connection], Iterable[str]] = lambda _: (),
) -> None:
    """Raises 422 `validation_failed` for a group that does not exist; what is `held` already (a group removed since) may stay.

    Who does not see every group is not told which exist: rights on others are refused as not theirs to give.
    """
    if not access or caller.view_groups is not None:
        return
    unknown = await runtime_of(request).directory.unknown_groups(one.group_id for one in access)
    if unknown:
        unknown -= frozenset(await db_of(request).read(held))
    for position, one in enumerate(access):
        if one.group_id in unknown:
            words = f"There is no group {one.group_id}."
            raise Invalid(words, FieldError(f"group_access.{position}.group_id", "not_found", words))


class OnceShown:
    """A secret that is in the answer to a POST and kept nowhere, not even with the Idempotency-Key's answer.

    With an Idempotency-Key the secret is derived from it by a keyed hash, so that a repeat shows the same one.
    """

    def __init__(self, request: Request, caller: Caller, purpose: str) -> None:
        key = request.headers.get("idempotency-key")
        self._secret = parts_of(request).config.secret.encode()
        self.seed = self._mac(f"{purpose}\0{caller.id}\0{key}".encode()) if key else None

    def fingerprint(self, body: bytes) -> str:
        """What a repeat is compared by: keyed, because the body may hold a password."""
        return self._mac(b"body\0" + body).hex()

    def _mac(self, said: bytes) -> bytes:
        return hmac.new(self._secret, said, hashlib.sha256).digest()


def with_field(
    response: Response, name: str, value: str, *, when: Callable[[Response], bool] | None = None
) -> Response:
    """The JSON answer with one more field; answers that are not 201 (or fail `when`) stay as they are."""
    if response.status_code != 201 and not (when and when(response)):  # noqa: PLR2004
        return response
    content = orjson.dumps(orjson.loads(bytes(response.body)) | {name: value})
    headers = {key: text for key, text in response.headers.items() if key != "content-length"}
    return Response(content, response.status_code, headers)
