"""The web process: the gateway in front, the services' applications behind it, one server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from rapport_chassis.clock import SystemClock
from rapport_chassis.service import GatewayParts
from rapport_chassis.telemetry import Metrics
from rapport_host.locking import locked
from rapport_host.operators import exposed
from rapport_host.process import Process, opened, settled
from rapport_host.roles import GATEWAY, NAMES
from rapport_host.settings import Misconfigured, Settings
from rapport_host.stopping import until_stopped

_GRACE_SECONDS = 8
_SWITCH_SECONDS = (
    0.0005  # a thread that the database answered waits so long for the interpreter, ten times less than usual
)


async def serve_web(settings: Settings, names: list[str], ready: Callable[[str], None]) -> None:
    """Serve until told to stop. `names` with `gateway`: it stands before the others; without: exactly one service."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    behind = [name for name in names if name != GATEWAY]
    async with contextlib.AsyncExitStack() as stack:
        process = await stack.enter_async_context(opened(settings, "web", behind))
        measured = {name: runtime.metrics for name, runtime in process.runtimes.items()}
        if GATEWAY in names:
            measured[GATEWAY] = Metrics()
            app = await _gateway(process, stack, measured[GATEWAY])
        elif len(behind) == 1:
            app = process.app(behind[0])
        else:
            raise Misconfigured("web serves one service, or `gateway` and the services behind it")
        stack.enter_context(exposed(settings, measured))
        settled()
        await _serve(app, settings, ready)


async def _gateway(process: Process, stack: contextlib.AsyncExitStack, metrics: Metrics) -> Any:
    from rapport_gateway.bootstrap import build_gateway

    local = {name: app for name in process.runtimes if (app := process.app(name)) is not None}
    missing = [name for name in NAMES if name not in local and name not in process.settings.urls]
    if missing:
        raise Misconfigured(f"the gateway does not know where these are: {', '.join(missing)}")
    gateway = build_gateway(
        GatewayParts(
            local=local,
            urls=process.settings.urls,
            signer=process.signer,
            directory=process.directory,
            bus=process.bus,
            clock=SystemClock(),
            metrics=metrics,
            env=process.settings.env,
            console=_console(process.settings),
        )
    )
    await gateway.start()
    stack.push_async_callback(gateway.close)
    return gateway


def _console(settings: Settings) -> Path | None:
    """The built console: `RAPPORT_CONSOLE`, or web/dist of a checkout."""
    place = Path(settings.env.get("RAPPORT_CONSOLE", Path(__file__).parents[4] / "web" / "dist"))
    return place if (place / "index.html").is_file() else None


async def _serve(app: Any, settings: Settings, ready: Callable[[str], None]) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with _listening(settings) as bound:
        serving = asyncio.create_task(server._serve([bound]))  # noqa: SLF001  `serve()` would take the signals from us
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        ready(f"http://{settings.host}:{bound.getsockname()[1]}")
        await until_stopped(serving)
        server.should_exit = True
        if drain := getattr(app, "drain", None):  # the gateway's live streams would hold the server for its whole grace
            drain()
        await serving


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Our port, waited for while it is held by a web process of this installation that is ending (its supervisor was killed)."""
    with locked(settings.data / f"web.{settings.port or os.getpid()}.lock", _GRACE_SECONDS * 2):
        yield _bind(settings)


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise Misconfigured(
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}); choose another with RAPPORT_PORT"
        ) from error
    return bound
