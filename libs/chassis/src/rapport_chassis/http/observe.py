"""Around every request: trace and request id, RED metrics; pure ASGI, because it stands in every hot path."""

from __future__ import annotations

import time
from typing import Any

from rapport_chassis.peers import Asgi
from rapport_chassis.telemetry import Metrics, enter_trace


class Observe:
    """ASGI middleware: continues the trace, counts and times by route template."""

    def __init__(self, app: Asgi, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace, request = headers.get(b"traceparent"), headers.get(b"x-request-id")
        enter_trace(trace.decode("latin-1") if trace else None, request.decode("latin-1") if request else None)
        status = 500
        began = time.perf_counter()

        async def observed(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.answered(scope["method"], route, status, time.perf_counter() - began)
