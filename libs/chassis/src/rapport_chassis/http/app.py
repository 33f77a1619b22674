"""A service's HTTP application: its routers plus what all have (problems, jobs, parked messages, health, metrics)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from rapport_chassis.db import DiskFull, EngineUnavailable
from rapport_chassis.http.headers import describe
from rapport_chassis.http.identity import refuse_undeclared
from rapport_chassis.http.observe import Observe
from rapport_chassis.http.operation import operation_router
from rapport_chassis.http.problem_response import problem_response
from rapport_chassis.http.text_border import TextBorder
from rapport_chassis.peers import PeerRefused
from rapport_chassis.problems import FieldError, Problem

if TYPE_CHECKING:
    from rapport_chassis.service import Runtime

_log = logging.getLogger(__name__)
# `Observe` counts, times and continues the trace. The framework's OpenTelemetry looks into the environment at every request,
# so it is there only where the environment speaks of it.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
_TITLES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable", 413: "too_large"}


def create_app(runtime: Runtime, routers: Sequence[APIRouter], *, title: str | None = None) -> FastAPI:
    """The application of a service. Raises `TypeError` when a route declares no permission."""
    app = FastAPI(
        title=title or f"Rapport: {runtime.name}",
        version="1",
        openapi_url="/internal/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=None if any(name.startswith("OTEL_") for name in runtime.env) else _NO_TELEMETRY,
    )
    app.state.runtime = runtime
    for router in (*routers, operation_router()):
        app.router.routes.extend(router.routes)  # flat: an included router would be matched twice a request
    refuse_undeclared(app)
    describe(app)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(EngineUnavailable, _unavailable)
    app.add_exception_handler(DiskFull, _full)
    app.add_exception_handler(PeerRefused, _refused)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(TextBorder)
    app.add_middleware(Observe, metrics=runtime.metrics)
    return app


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class
    return problem_response(error)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [_fault(one) for one in error.errors()]
    detail = "; ".join(f"{one.field}: {one.detail}" for one in errors[:3])
    return problem_response(Problem("validation_failed", detail, status=422, errors=errors))


def _fault(one: Any) -> FieldError:
    if one["type"] == "json_invalid":  # its location is a place in the text
        return FieldError("body", one["type"], f"This is not JSON: {one['ctx']['error']}.")
    return FieldError(_path(one["loc"]), one["type"], one["msg"].removeprefix("Value error, "))


def _path(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _TITLES.get(error.status_code, "bad_request")
    return problem_response(
        Problem(code, str(error.detail), status=error.status_code, headers=dict(error.headers or {}))
    )


async def _unavailable(_request: Request, error: Exception) -> Response:
    _log.warning("an engine is away", exc_info=error)
    detail = "A part of the system does not answer now; try again soon. With an Idempotency-Key nothing is done twice."
    return problem_response(Problem("engine_unavailable", detail, status=503, headers={"retry-after": "2"}))


async def _full(_request: Request, error: Exception) -> Response:
    _log.error("a disk is full", exc_info=error)
    detail = "There is no room to keep this. Nothing was changed; whoever operates Rapport must make room."
    return problem_response(Problem("disk_full", detail, status=507, headers={"retry-after": "60"}))


async def _refused(_request: Request, error: Exception) -> Response:
    """Another service refused what the caller asked of this one: its problem document is the answer."""
    assert isinstance(error, PeerRefused)  # noqa: S101
    said = error.body if isinstance(error.body, dict) else {}
    code, detail = said.get("code", "bad_request"), said.get("detail", "Another part of the system refused this.")
    return problem_response(Problem(code, detail, status=error.status))


async def _unexpected(_request: Request, error: Exception) -> Response:
    _log.error("a request failed", exc_info=error)
    return problem_response(Problem("internal_error", "Something went wrong on our side; it was logged.", status=500))
