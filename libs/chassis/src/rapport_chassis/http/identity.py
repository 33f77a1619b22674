"""Who may call a route: declared on the route, checked before it runs, and the app refuses to start without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute

from rapport_chassis.auth import Caller
from rapport_chassis.peers import IDENTITY_HEADER
from rapport_chassis.problems import Forbidden
from rapport_chassis.signing import unauthenticated

if TYPE_CHECKING:
    from rapport_chassis.service import Runtime

_DECLARED = "__rapport_permissions__"


def runtime_of(request: Request) -> Runtime:
    """The service's runtime."""
    return cast("Runtime", request.app.state.runtime)


async def caller_of(request: Request) -> Caller:
    """Who asks. Raises `Problem` 401 `unauthenticated`."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        token = request.headers.get(IDENTITY_HEADER)
        if not token:
            raise unauthenticated()
        known = request.state.caller = await runtime_of(request).directory.authenticate(token)
    return known


def requires(*permissions: str) -> Any:
    """A route for callers with all `permissions` (none: anybody signed in). Gives the `Caller`; else 401, 403 `forbidden`."""

    async def check(request: Request) -> Caller:
        caller = await caller_of(request)
        for permission in permissions:
            if not caller.can(permission):
                raise Forbidden(f"This needs the permission “{permission}”.")
        return caller

    setattr(check, _DECLARED, permissions)
    return Depends(check)


def public() -> Any:
    """A route for anybody: no identity is needed (it checks a signature itself, or shows nothing)."""

    async def check() -> None:
        return None

    setattr(check, _DECLARED, ())
    return Depends(check)


def refuse_undeclared(app: FastAPI) -> None:
    """Raises `TypeError` when a route declares no permission."""
    for route in app.routes:
        if isinstance(route, APIRoute) and not any(
            hasattr(dependency.call, _DECLARED) for dependency in route.dependant.dependencies
        ):
            raise TypeError(f"{sorted(route.methods or ())} {route.path} declares no permission")
