"""Search standing alone on each of its engines: its service on a folder, customers published as their service would."""

import asyncio
import contextlib
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport_chassis.service import run_worker
from rapport_contracts import topics
from rapport_search.adapters.embedded import EmbeddedEngine
from rapport_search.adapters.opensearch import OpenSearchEngine, address_of
from rapport_search.application.ports import SearchEngine
from rapport_search.bootstrap import SERVICE
from rapport_testkit import engines
from rapport_testkit.service import Standing, running


class EmbeddedTech:
    """tantivy, in folders below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {"RAPPORT_SEARCH_URL": f"tantivy://{root}"}

    def open(self) -> EmbeddedEngine:
        return EmbeddedEngine(self.root)

    async def age(self, name: str) -> None:
        """Make an index one of an older schema."""
        (self.root / name / "rapport-schema").write_text("0/old")

    async def clear(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


class OpenSearchTech:
    """OpenSearch, all tests in one cluster, each with a prefix of its own."""

    def __init__(self, root: Path) -> None:
        self.prefix = "t" + hashlib.sha256(str(root).encode()).hexdigest()[:16]
        self.url = f"{engines.running('opensearch').url}?prefix={self.prefix}"
        self.env = {"RAPPORT_SEARCH_URL": self.url}

    def open(self) -> OpenSearchEngine:
        return OpenSearchEngine(address_of(self.url))

    async def age(self, name: str) -> None:
        """Make an index one of an older schema."""
        engine = self.open()
        body = {"_meta": {"schema": "0/old"}}
        await engine._client.api.indices.put_mapping(index=f"{self.prefix}-{name}", body=body)
        await engine.close()

    async def clear(self) -> None:
        engine = self.open()
        for name in await engine.names():
            await engine.drop(name)
        await engine.close()


TECHS = {"embedded": EmbeddedTech, "opensearch": OpenSearchTech}


class Searchable:
    """The service with customers in it."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.versions: dict[str, int] = {}

    async def put(self, customer_id: str, **more: Any) -> str:
        """Publish a customer's next version and wait until it is found; its position."""
        position = await self.publish(customer_id, **more)
        await self.until_indexed(position)
        return position

    async def publish(self, customer_id: str, **more: Any) -> str:
        version = self.versions[customer_id] = self.versions.get(customer_id, 0) + 1
        document = customer(customer_id, version=version, **more)
        await self.standing.publish(topics.CUSTOMERS, customer_id, document)
        return f"{customer_id}@{version}"

    async def until_indexed(self, position: str) -> None:
        serving = self.standing.app.state.search.serving
        customer_id, _, version = position.partition("@")

        async def there() -> bool:
            held = await (await serving.index()).versions_of([customer_id])
            return bool(held.get(customer_id, 0) >= int(version))

        await until(there)

    async def field(self, field_id: str, field_type: str, groups: list[str] | None = None) -> None:
        """Announce a custom field, as customers would."""
        document = {
            "type": "field",
            "id": field_id,
            "title": field_id,
            "field_type": field_type,
            "section_id": "s1",
            "group_ids": groups or [],
            "version": 1,
        }
        await self.standing.publish(topics.DEFINITIONS, f"field:{field_id}", document)
        await self.standing.settle()

    def client(self, user: str | None = "master") -> httpx.AsyncClient:
        return self.standing.client(user)

    async def search(self, user: str = "master", **body: Any) -> dict[str, Any]:
        answer = await self.client(user).post("/customers:search", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ids(self, query: Any = None, user: str = "master", **body: Any) -> list[str]:
        found = await self.search(user, query=query, **body)
        return [item["id"] for item in found["items"]]

    async def quick(self, text: str, user: str = "master") -> list[str]:
        answer = await self.client(user).get("/customers:quick", params={"q": text})
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]


def customer(customer_id: str, **more: Any) -> dict[str, Any]:
    """A customer document; `phone` and `email` are short for contacts."""
    contacts = list(more.pop("contacts", []))
    if phone := more.pop("phone", None):
        contacts.append({"kind": "mobile", "value": phone[0], "e164": phone[1], "primary": True})
    if email := more.pop("email", None):
        contacts.append({"kind": "email", "value": email})
    return {
        "id": customer_id,
        "version": 1,
        "kind": "person",
        "groups": ["g1"],
        "contacts": contacts,
        "fields": {},
        "enabled": True,
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "created_by": "u1",
        **more,
    }


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def standing_on(folder: Path, tech: Any, *, feeding: bool = True) -> AsyncIterator[Searchable]:
    """The service on a folder and an engine, its background work running."""
    async with running(SERVICE, folder, env=tech.env) as standing:
        working = asyncio.ensure_future(run_worker(standing.runtime, standing.worker)) if feeding else None
        try:
            yield Searchable(standing)
        finally:
            if working:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


@pytest.fixture(params=list(TECHS))
async def tech(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """What each technology keeps indexes in, empty."""
    it = TECHS[request.param](tmp_path / "search")
    yield it
    await it.clear()


@pytest.fixture
async def engine(tech: Any) -> AsyncIterator[SearchEngine]:
    it = tech.open()
    yield it
    await it.close()


@pytest.fixture
async def search(tmp_path: Path, tech: Any) -> AsyncIterator[Searchable]:
    async with standing_on(tmp_path, tech) as it:
        yield it


@pytest.fixture
def standing(tech: Any) -> Any:
    """Start the service as often as a test wants: `async with standing(folder) as search:`."""
    return lambda folder, feeding=True: standing_on(folder, tech, feeding=feeding)
