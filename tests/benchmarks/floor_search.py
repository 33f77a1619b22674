"""The floor of P3: the raw engine. The same tantivy query on the same files in this process: a page, the count, the facets.

Reading the query tree and compiling it is not in its time; the page's stored documents are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tantivy

from rapport_contracts.query import BUILT_IN, QueryContext, parse
from rapport_search.adapters.embedded.compile import Compiler
from rapport_search.adapters.embedded.schema import RANKS
from rapport_search.domain.plan import both
from rapport_search.domain.resolve import Asker, resolve, visible

PAGE = 50


class RawEngine:
    """The index of an installation, asked as somebody who sees `groups`."""

    def __init__(self, folder: Path, groups: Sequence[str], settings: dict[str, Any], user_id: str) -> None:
        (path,) = (one for one in folder.iterdir() if one.is_dir())
        self._index = tantivy.Index.open(str(path))
        self._index.reload()
        context = QueryContext(
            datetime.now(UTC),
            ZoneInfo(settings["time_zone"]),
            settings["region"],
            user_id,
            lambda one: frozenset({one}),
        )
        self._asker = Asker(context, frozenset(groups))

    def ask(self, tree: dict[str, Any], facets: Sequence[str]) -> tuple[float, int]:
        """The seconds that the first page by name, the exact count and the facets took; the count."""
        plan = both([visible(self._asker), resolve(parse(tree, BUILT_IN.get), self._asker)])
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
