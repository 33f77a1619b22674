"""All indexes of an installation in a cluster: they begin with its prefix."""

from __future__ import annotations

import logging
from typing import Any

from opensearchpy.exceptions import RequestError

from rapport_chassis.db import EngineUnavailable
from rapport_search.adapters.opensearch.address import Address
from rapport_search.adapters.opensearch.client import Client
from rapport_search.adapters.opensearch.index import Reader, Writer
from rapport_search.adapters.opensearch.schema import SCHEMA_VERSION, index_body
from rapport_search.application.ports import Reading, Writing

_EXISTS = "resource_already_exists_exception"
_log = logging.getLogger(__name__)


class OpenSearchEngine:
    """The search port on OpenSearch."""

    def __init__(self, address: Address) -> None:
        self._client = Client(address)
        self._prefix = f"{address.prefix}-"

    async def create(self, name: str) -> None:
        """As the port says."""
        body = index_body(self._client.address.shards)
        try:
            await self._client.ask(self._client.api.indices.create(index=self._prefix + name, body=body))
        except RequestError as error:
            if error.error != _EXISTS:
                raise

    async def usable(self, name: str) -> bool:
        """As the port says. Raises `EngineUnavailable` when the cluster cannot tell, or has lost sight of the index's data."""
        schema = await self._schema(name)
        if schema not in {None, SCHEMA_VERSION}:
            _log.warning("an index is of another schema", extra={"index": name, "has": schema, "wants": SCHEMA_VERSION})
        if schema != SCHEMA_VERSION:
            return False
        health = await self._client.ask(self._client.api.cluster.health(index=self._prefix + name))
        if health["status"] == "red":
            raise EngineUnavailable(f"OpenSearch has no live copy of a part of the index {name}")
        return True

    async def drop(self, name: str) -> None:
        """As the port says."""
        params = {"ignore_unavailable": "true"}
        await self._client.ask(self._client.api.indices.delete(index=self._prefix + name, params=params))

    async def look(self) -> str:
        """As the port says."""
        where = self._client.address.shown
        version = (await self._client.ask(self._client.api.info()))["version"]["number"]
        health = await self._client.ask(self._client.api.cluster.health())
        if health["status"] == "red":
            raise EngineUnavailable(f"OpenSearch {version} at {where} has lost sight of a part of its data")
        return f"OpenSearch {version} at {where}"

    async def names(self) -> list[str]:
        """As the port says."""
        asked = self._client.api.cat.indices(index=f"{self._prefix}*", params={"h": "index", "format": "json"})
        return sorted(one["index"].removeprefix(self._prefix) for one in await self._client.ask(asked))

    async def read(self, name: str) -> Reading:
        """As the port says."""
        await self._refuse_unusable(name)
        return Reader(self._client, self._prefix + name)

    async def write(self, name: str) -> Writing:
        """As the port says, but that several may write."""
        await self._refuse_unusable(name)
        return Writer(self._client, self._prefix + name)

    async def close(self) -> None:
        """As the port says."""
        await self._client.close()

    async def _refuse_unusable(self, name: str) -> None:
        if not await self.usable(name):
            raise EngineUnavailable(f"the index {name} is not there, or of another schema than {SCHEMA_VERSION}")

    async def _schema(self, name: str) -> str | None:
        """The schema of an index; None when it is not there."""
        try:
            found = await self._client.ask(self._client.api.indices.get_mapping(index=self._prefix + name))
        except LookupError:
            return None
        mapping: dict[str, Any] = found[self._prefix + name]["mappings"]
        return str(mapping.get("_meta", {}).get("schema", "(none)"))
