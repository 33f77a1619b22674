"""The connection to OpenSearch: one client a process, its connections kept, its errors in the port's words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any, Final

import orjson
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionError,  # noqa: A004  the client's own name
    NotFoundError,
    SSLError,
    TransportError,
)
from opensearchpy.serializer import Serializer

from rapport_chassis.db import EngineUnavailable
from rapport_search.adapters.opensearch.address import Address

SECONDS: Final = 10
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # it logs what it raises, bodies and all


class Overloaded(EngineUnavailable):
    """The cluster has too much to do (429): a little later it may take the same."""


class Json(Serializer):
    """orjson; text that is JSON already goes as it is."""

    mimetype = "application/json"

    def loads(self, s: str) -> Any:
        """The value of an answer."""
        return orjson.loads(s)

    def dumps(self, data: Any) -> Any:
        """The body of a request."""
        return data if isinstance(data, str | bytes) else orjson.dumps(data)


class Client:
    """Asks the cluster of an address; connects when it is first asked, in the event loop that asks."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.api = AsyncOpenSearch(
            hosts=[{"host": host, "port": port} for host, port in address.nodes],
            http_auth=(address.user, address.password) if address.user else None,
            use_ssl=address.tls,
            ca_certs=address.ca,
            maxsize=address.connections,
            timeout=SECONDS,
            max_retries=len(address.nodes) - 1,  # another node, when one does not answer
            retry_on_status=(),
            serializer=Json(),
        )

    async def ask(self, answer: Awaitable[Any]) -> Any:
        """The answer. Raises `EngineUnavailable` when there is none now, `LookupError` when what was asked for is not there."""
        try:
            return await answer
        except NotFoundError as error:
            raise LookupError(f"OpenSearch does not know it: {error.error}") from error
        except ConnectionError as error:
            raise EngineUnavailable(f"OpenSearch at {self.address.shown} {_unreached(error)}") from error
        except TransportError as error:
            if (away := self._away(error)) is None:
                raise
            raise away from error

    def _away(self, error: TransportError) -> EngineUnavailable | None:
        status, where = error.status_code, f"OpenSearch at {self.address.shown}"
        if isinstance(error, AuthenticationException):
            return EngineUnavailable(f"{where} refuses the user and password of RAPPORT_SEARCH_URL")
        if isinstance(error, AuthorizationException):
            return EngineUnavailable(f"{where} forbids it: {error.error}")
        if status == _TOO_MANY:
            return Overloaded(f"{where} has too much to do: {error.error}")
        if isinstance(status, int) and status >= _SERVER_ERROR:
            return EngineUnavailable(f"{where} cannot answer now: {status} {error.error}")
        return None

    async def close(self) -> None:
        """Close the connections, those of nodes that were found dead as well, which the client itself forgets."""
        pool = self.api.transport.connection_pool
        for connection in getattr(pool, "orig_connections", pool.connections):
            await connection.close()


def _unreached(error: ConnectionError) -> str:
    return f"is not trusted: {error.error}" if isinstance(error, SSLError) else f"does not answer: {error.error}"
