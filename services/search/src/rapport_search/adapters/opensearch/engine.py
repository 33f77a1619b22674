"""All indexes of an installation in a cluster: they begin with its prefix."""

from __future__ import annotations

import logging
from typing import Any

from opensearchpy.exceptions import RequestError

from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_search.adapters.opensearch.address import Address
from rapport_search.adapters.opensearch.client import Client
from rapport_search.adapters.opensearch.index import Reader, Writer
from rapport_search.adapters.opensearch.schema import SCHEMA_VERSION, index_body
from rapport_search.application.ports import Reading, Writing

_OLDEST = (2, 15)  # the first that may leave the files of a segment as they are
_EXISTS = "resource_already_exists_exception"
_LOOK_SECONDS = 0.9  # who looks waits a second
_log = logging.getLogger(__name__)


class OpenSearchEngine:
    """The search port on OpenSearch."""

    def __init__(self, address: Address) -> None:
        self._client = Client(address)
        self._prefix = f"{address.prefix}-"
        self._installation: str | None = None

    async def claim(self, installation: str) -> None:
        """As the port says."""
        self._installation = installation
        await self.look()

    async def create(self, name: str) -> None:
        """As the port says."""
        body = index_body(self._client.address.shards, self._installation)
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
        where, version = self._client.address.shown, await self._version()
        await self._refuse_anothers()
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

    async def _version(self) -> str:
        """The version of the cluster. Raises `EngineUnfit` for one that cannot do what is asked of it, or is another's fork."""
        asked = self._client.api.info(params={"request_timeout": _LOOK_SECONDS})
        said = (await self._client.ask(asked))["version"]
        number: str = said["number"]
        if said.get("distribution") != "opensearch":
            raise EngineUnfit(f"RAPPORT_SEARCH_URL: {self._client.address.shown} is no OpenSearch")
        if tuple(map(int, number.split(".")[:2])) < _OLDEST:
            raise EngineUnfit(f"OpenSearch {number} at {self._client.address.shown} is too old: 2.15 is needed")
        return number

    async def _refuse_anothers(self) -> None:
        """Raises `EngineUnfit` when there are indexes of another installation: each would take the other's for left over."""
        if self._installation is None:
            return
        asked = self._client.api.indices.get_mapping(index=f"{self._prefix}*")
        for name, one in (await self._client.ask(asked)).items():
            if one["mappings"].get("_meta", {}).get("installation") not in {None, self._installation}:
                raise EngineUnfit(
                    f"RAPPORT_SEARCH_URL: the index {name} at {self._client.address.shown} is another installation's: "
                    "give this one a prefix of its own (?prefix=…)"
                )

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
