"""Filters (Q2): the fixed ones that every user has, and saved ones, live, shared with roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, Forbidden, NotFound, Problem, Stale
from rapport_search.application.searching import Searching, sort_of
from rapport_search.store import filters as store
from rapport_search.store.filters import SavedFilter

RECENTLY_VIEWED: Final = "recently_viewed"


@dataclass(frozen=True, slots=True)
class FixedFilter:
    """A filter that is always there; its name is the console's, in the user's language."""

    id: str
    query: Any
    sort: tuple[str, str] = ("name", "asc")

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        field, direction = self.sort
        return {
            "id": self.id,
            "name": self.id,
            "fixed": True,
            "own": False,
            "query": self.query,
            "columns": [],
            "sort": [{"field": field, "direction": direction}],
            "shared_with": [],
            "version": 1,
        }


def _is(field: str, value: str) -> dict[str, str]:
    return {"field": field, "op": "is", "value": value}


_LAST_WEEK: Final = {"field": "created_at", "op": "within_last", "value": {"amount": 7, "unit": "day"}}
FIXED: Final = {
    one.id: one
    for one in (
        FixedFilter("all", None),
        FixedFilter("persons", _is("kind", "person")),
        FixedFilter("organizations", _is("kind", "organization")),
        FixedFilter("newly_added", _LAST_WEEK, ("created_at", "desc")),
        FixedFilter(RECENTLY_VIEWED, None),
        FixedFilter("mine", _is("created_by", "me")),
    )
}


@dataclass(frozen=True, slots=True)
class NewFilter:
    """What a user saves."""

    name: str
    query: Any
    columns: list[str]
    sort: list[dict[str, str]]
    shared_with: list[str]


class Filters:
    """Saved filters, checked against what their reader may ask."""

    def __init__(self, searching: Searching) -> None:
        self._searching = searching

    def listed(
        self, conn: Any, caller: Caller, after: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The fixed filters (on the first page), then those the caller may use, by id; and where to go on."""
        found = store.seen_by(conn, caller.id, caller.roles, after=after, limit=limit + 1)
        shown = [_document(one, caller) for one in found[:limit] if self._usable(one, caller)]
        fixed = [one.document() for one in FIXED.values()] if after is None else []
        return fixed + shown, found[limit - 1].id if len(found) > limit else None

    def get(self, conn: Any, filter_id: str, caller: Caller) -> dict[str, Any]:
        """One filter, fixed or saved. Raises `NotFound`."""
        if filter_id in FIXED:
            return FIXED[filter_id].document()
        return _document(self._seen(conn, filter_id, caller), caller)

    def create(self, tx: Tx, caller: Caller, new: NewFilter) -> dict[str, Any]:
        """Save a filter. Raises `Invalid`, `Conflict` 409 `name_taken`, `Forbidden` when it is shared without `filters.share`."""
        self._check(tx, caller, new, frozenset())
        saved = SavedFilter(
            id=new_id(),
            owner=caller.id,
            name=new.name,
            query=new.query,
            columns=new.columns,
            sort=new.sort,
            shared_with=sorted(set(new.shared_with)),
            version=1,
            created_at=tx.now,
            updated_at=tx.now,
        )
        store.add(tx, saved)
        return _document(saved, caller)

    def change(
        self, tx: Tx, caller: Caller, filter_id: str, version: int, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Merge changes into an own filter. Raises `NotFound`, `Forbidden`, `Stale` and as `create` does."""
        before = self._own(tx, filter_id, caller, version)
        after = replace(before, **changes, version=before.version + 1, updated_at=tx.now)
        after = replace(after, shared_with=sorted(set(after.shared_with)))
        wanted = NewFilter(after.name, after.query, after.columns, after.sort, after.shared_with)
        self._check(tx, caller, wanted, frozenset(before.shared_with), but=filter_id)
        store.replace(tx, after)
        return _document(after, caller)

    def delete(self, tx: Tx, caller: Caller, filter_id: str, version: int) -> None:
        """Delete an own filter. Raises `NotFound`, `Forbidden`, `Stale`."""
        self._own(tx, filter_id, caller, version)
        store.remove(tx, filter_id)

    def _own(self, tx: Tx, filter_id: str, caller: Caller, version: int) -> SavedFilter:
        if filter_id in FIXED:
            raise Forbidden("This filter is fixed.")
        found = self._seen(tx.conn, filter_id, caller)
        if found.owner != caller.id:
            raise Forbidden("This filter is another user's.")
        if found.version != version:
            raise Stale(_document(found, caller))
        return found

    def _seen(self, conn: Any, filter_id: str, caller: Caller) -> SavedFilter:
        found = store.get(conn, filter_id, caller.id, caller.roles)
        if found is None or not self._usable(found, caller):
            raise NotFound("There is no such filter.")
        return found

    def _usable(self, saved: SavedFilter, caller: Caller) -> bool:
        """A filter on a field that its reader may not know does not exist for the reader (Q6); its owner may mend it."""
        if saved.owner == caller.id:
            return True
        try:
            self._searching.check(saved.query, caller)
        except Problem:
            return False
        return True

    def _check(
        self, tx: Tx, caller: Caller, wanted: NewFilter, shared_before: frozenset[str], but: str | None = None
    ) -> None:
        self._searching.check(wanted.query, caller)
        for one in wanted.sort:
            sort_of(one["field"], one["direction"])
        if set(wanted.shared_with) - shared_before and not caller.can("filters.share"):
            raise Forbidden("Sharing a filter needs the permission “filters.share”.")
        if store.name_taken(tx.conn, caller.id, wanted.name, but):
            raise Conflict("name_taken", f"You have another filter “{wanted.name}”.")


def _document(saved: SavedFilter, caller: Caller) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "fixed": False,
        "own": saved.owner == caller.id,
        "query": saved.query,
        "columns": saved.columns,
        "sort": saved.sort,
        "shared_with": saved.shared_with,
        "created_at": saved.created_at,
        "updated_at": saved.updated_at,
        "version": saved.version,
    }
