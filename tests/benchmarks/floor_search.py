"""The floor of P3: the raw engine, asked the same: a page, the count, the facets.

tantivy: the same query on the same files in this process; OpenSearch: the same body over one bare connection.
Reading the query tree and compiling it is not in its time; the page's stored documents are.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import tantivy

from rapport_contracts.query import BUILT_IN, QueryContext, parse
from rapport_search.adapters.embedded.compile import Compiler
from rapport_search.adapters.embedded.schema import RANKS
from rapport_search.adapters.opensearch.address import address_of
from rapport_search.adapters.opensearch.compile import live
from rapport_search.adapters.opensearch.facets import asked
from rapport_search.domain.plan import Plan, both
from rapport_search.domain.resolve import Asker, resolve, visible

PAGE = 50


class RawEngine(Protocol):
    """An engine that answers a plan."""

    def ask(self, plan: Plan, facets: Sequence[str]) -> tuple[float, int]:
        """The seconds that the first page by name, the exact count and the facets took; the count."""


class Plans:
    """Reads query trees as search does for somebody who sees `groups`."""

    def __init__(self, groups: Sequence[str], settings: dict[str, Any], user_id: str) -> None:
        zone = ZoneInfo(settings["time_zone"])
        context = QueryContext(datetime.now(UTC), zone, settings["region"], user_id, lambda one: frozenset({one}))
        self._asker = Asker(context, frozenset(groups))

    def of(self, tree: dict[str, Any]) -> Plan:
        """What the tree means, and may be seen."""
        return both([visible(self._asker), resolve(parse(tree, BUILT_IN.get), self._asker)])


class RawTantivy:
    """The index of an embedded installation."""

    def __init__(self, folder: Path) -> None:
        (path,) = (one for one in folder.iterdir() if one.is_dir())
        self._index = tantivy.Index.open(str(path))
        self._index.reload()

    def ask(self, plan: Plan, facets: Sequence[str]) -> tuple[float, int]:
        """As `RawEngine`."""
        query = Compiler(self._index).compile(plan)
        terms = {one: {"terms": {"field": f"f_{one}", "size": 100}} for one in facets}
        searcher = self._index.searcher()
        began = time.perf_counter()
        found = searcher.search(query, PAGE, True, RANKS["name"][0], 0, tantivy.Order.Asc)
        for _, address in found.hits:
            searcher.doc(address)
        if terms:
            searcher.aggregate(query, terms)
        return time.perf_counter() - began, int(found.count)  # type: ignore[attr-defined]  # the stub forgets it


class RawOpenSearch:
    """The index of an installation on OpenSearch, at its `RAPPORT_SEARCH_URL`."""

    def __init__(self, url: str) -> None:
        address = address_of(url)
        self._path = f"/{address.prefix}-*/_search"
        self._cluster = http.client.HTTPConnection(*address.nodes[0])

    def ask(self, plan: Plan, facets: Sequence[str]) -> tuple[float, int]:
        """As `RawEngine`."""
        body: dict[str, Any] = {"query": live(plan), "size": PAGE, "track_total_hits": True}
        body |= {"sort": [{"sort.name": "asc"}], "aggs": {one: asked(one, 100) for one in facets}}
        said = json.dumps(body).encode()
        began = time.perf_counter()
        self._cluster.request("POST", self._path, said, {"content-type": "application/json"})
        found = json.loads(self._cluster.getresponse().read())
        return time.perf_counter() - began, int(found["hits"]["total"]["value"])
