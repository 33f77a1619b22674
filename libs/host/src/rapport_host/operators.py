"""The operators' port of a process: `/metrics`; `/healthz`, its event loop turns; `/readyz`, and none of its consumers stopped.

It is served by threads, so that it can say of the event loop that it does not answer. Anything else there is `/metrics`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from rapport_chassis.telemetry import Metrics
from rapport_host.metrics import Together
from rapport_host.settings import Settings

_LOOP_SECONDS = 3.0  # to turn once: a busy machine is no dead loop
_log = logging.getLogger(__name__)
_Trouble = Callable[[], str | None]


@contextlib.contextmanager
def exposed(settings: Settings, services: Mapping[str, Metrics]) -> Iterator[None]:
    """Serve it on `RAPPORT_METRICS_PORT`, for the running event loop; without that variable not at all."""
    if settings.metrics_port is None:
        yield
        return
    app = _app(Together(services), asyncio.get_running_loop())
    try:
        server = _server(settings.host, settings.metrics_port, app)
    except OSError as error:
        _log.warning("metrics are not served: %s", error, extra={"port": settings.metrics_port})
        yield
        return
    thread = threading.Thread(target=server.serve_forever, name="operators", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(together: Together, loop: asyncio.AbstractEventLoop) -> Callable[..., Any]:
    registry = CollectorRegistry()
    registry.register(together)
    metrics = make_wsgi_app(registry)

    def unready() -> str | None:
        stopped = ", ".join(together.stopped())
        return _still(loop) or (f"stopped consumers: {stopped}" if stopped else None)

    troubles: dict[str, _Trouble] = {"/healthz": lambda: _still(loop), "/readyz": unready}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        trouble = troubles.get(environ["PATH_INFO"])
        return _said(trouble(), start_response) if trouble else metrics(environ, start_response)

    return app


def _still(loop: asyncio.AbstractEventLoop) -> str | None:
    turning = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
    try:
        turning.result(_LOOP_SECONDS)
    except TimeoutError:
        turning.cancel()
        return f"the event loop has not turned for {_LOOP_SECONDS:g} s"
    return None


def _said(trouble: str | None, start_response: Callable[..., Any]) -> list[bytes]:
    status = "503 Service Unavailable" if trouble else "200 OK"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps({"ok": False, "detail": trouble} if trouble else {"ok": True}).encode()]


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name it has there
        """A probe every few seconds is no news."""


def _server(host: str, port: int, app: Callable[..., Any]) -> ThreadingWSGIServer:
    class Server(ThreadingWSGIServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    return make_server(host, port, app, Server, handler_class=_Silent)
