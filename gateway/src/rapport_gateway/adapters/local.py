"""Handing a request to a service in this process: the same receive and send, a fresh task and a fresh context."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

from rapport_chassis.peers import Asgi


class LocalService:
    """A service's application in this process."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Run it to its end; cancelled when the request is."""
        running = asyncio.get_running_loop().create_task(self._app(scope, receive, send), context=contextvars.Context())
        try:
            await running
        finally:
            if not running.done():
                running.cancel()
