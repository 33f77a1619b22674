"""The only place where the gateway's parts meet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.peers import Peer, Peers
from rapport_chassis.service import GatewayParts
from rapport_gateway.application.authentication import Authentication
from rapport_gateway.application.live import Live
from rapport_gateway.config import read_config
from rapport_gateway.domain.limits import Limiter
from rapport_gateway.domain.routing import PREFIX, SERVICES, compiled
from rapport_gateway.entrypoints.console import Console
from rapport_gateway.entrypoints.gateway import Gateway, Limits
from rapport_gateway.entrypoints.live import LiveStreams
from rapport_gateway.entrypoints.own import OwnPaths

if TYPE_CHECKING:
    from rapport_gateway.adapters.remote import RemoteService


class RunningGateway:
    """The gateway as the host runs it: an ASGI application with a beginning and an end."""

    def __init__(self, parts: GatewayParts, clock: Callable[[], float] = time.monotonic) -> None:
        config, routes = read_config(parts.env), compiled()
        self.metrics = parts.metrics
        self._peers = _Peers(parts.local.get, parts.urls)
        peers = {name: partial(self._peers.get, name) for name in SERVICES}
        self._remotes = _remotes({name: url for name, url in parts.urls.items() if name not in parts.local})
        self._live = Live(parts.bus, peers["customers"])
        authentication = Authentication(peers["identity"], parts.signer, clock)
        self.own = OwnPaths(peers, parts.directory, self._live, routes)
        self._streams = LiveStreams(self._live, authentication, parts.directory)
        self.app = Gateway(
            config=config,
            routes=routes,
            services={**self._remotes, **parts.local},
            peers=peers,
            authentication=authentication,
            directory=parts.directory,
            limits=Limits(
                Limiter(config.per_user, clock), Limiter(config.per_address, clock), Limiter(config.sign_ins, clock)
            ),
            console=Console(parts.console),
            own={
                "/jobs": self.own.jobs,
                "/parked-messages": self.own.parked,
                "/system": self.own.system,
                "/live": self._streams.serve,
            },
            open_={
                f"{PREFIX}/openapi.json": self.own.openapi,
                "/healthz": self.own.healthz,
                "/readyz": self.own.readyz,
            },
            allowed=self.own.allowed,
            metrics=parts.metrics,
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        await self.app(scope, receive, send)

    async def start(self) -> None:
        """Nothing is opened before it is needed."""

    def drain(self) -> None:
        """End what would not end by itself (live streams): the server is about to stop."""
        self._streams.stop()

    async def close(self) -> None:
        """End live streams and connections to services elsewhere."""
        self.drain()
        await self._live.close()
        await asyncio.gather(self._peers.close(), *(remote.close() for remote in self._remotes.values()))


def _remotes(urls: Mapping[str, str]) -> Mapping[str, RemoteService]:
    if not urls:
        return {}
    from rapport_gateway.adapters.remote import RemoteService  # an HTTP client is loaded where services are elsewhere

    return {name: RemoteService(url) for name, url in urls.items()}


def build_gateway(parts: GatewayParts) -> RunningGateway:
    """The gateway over the services that `parts` names."""
    return RunningGateway(parts)


class _Peers(Peers):
    """Each service as a peer."""

    def get(self, name: str) -> Peer:
        """The service `name`. Raises `EngineUnavailable` for one that is nowhere."""
        try:
            return super().get(name)
        except LookupError as error:
            raise EngineUnavailable(str(error)) from error
