"""Who may be seen by whom, asked before anything else: what belongs to no visible customer does not exist (404)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database
from rapport_chassis.http import Reply, runtime_of
from rapport_chassis.problems import NotFound, Stale
from rapport_logging.application import views
from rapport_logging.application.ports import Sight
from rapport_logging.application.read_timeline import Page, read_entry
from rapport_logging.store.rows import Connection, Row

_NAMED_ON_A_PAGE = 100


def db_of(request: Request) -> Database:
    """The service's database."""
    return runtime_of(request).db


def names_of(request: Request) -> views.Names:
    """Users' names, from this process's own copy."""
    return runtime_of(request).directory.user_name


async def visible(request: Request, caller: Caller, ids: Sequence[str]) -> set[str]:
    """Those of the customers that the caller may see."""
    sight: Sight = request.app.state.sight
    return await sight.visible(caller, ids)


async def require_all(request: Request, caller: Caller, ids: Sequence[str]) -> None:
    """Raises `NotFound` 404 unless the caller may see each of these customers."""
    if await visible(request, caller, ids) != set(ids):
        raise NotFound("There is no such customer.")


async def seen_entry(
    request: Request, caller: Caller, entry_id: str, *, removed: bool = False
) -> tuple[Row[Any], list[str]]:
    """The entry and those of its customers that the caller sees. Raises `NotFound` when it is none or sees none."""
    row = await db_of(request).read(lambda conn: read_entry(conn, entry_id, removed=removed))
    seen = await visible(request, caller, row.customer_ids)
    if not seen:
        raise NotFound("There is no such entry.")
    return row, [one for one in row.customer_ids if one in seen]


def entry_shown(conn: Connection, row: Row[Any], names: views.Names, customers: Sequence[str]) -> views.View:
    """The view of one entry."""
    view = views.entry_view(row, views.shown(conn, [row], names), customers)
    return view | {"more_customers": len(customers) < len(row.customer_ids)}


@contextlib.contextmanager
def naming(request: Request, customers: Sequence[str]) -> Iterator[None]:
    """Lets a `Stale` raised within show the entry as a read would: with its author's name and the caller's customers."""
    try:
        yield
    except Stale as stale:
        entry = stale.more["current"]
        author = names_of(request)(entry["recorded_by"]) if entry["recorded_by"] else None
        raise Stale(entry | {"customer_ids": list(customers), "recorded_by_name": author}) from stale


async def page_shown(request: Request, caller: Caller, customer_id: str, page: Page) -> list[views.View]:
    """The views of a timeline's page. At most a hundred other customers are named on it; the rest is `more_customers`."""
    asked: dict[str, None] = {customer_id: None}
    for row in page.rows:
        asked |= dict.fromkeys(row.customer_ids[: max(0, _NAMED_ON_A_PAGE - len(asked))])
    seen = {customer_id} if len(asked) == 1 else await visible(request, caller, list(asked))
    shown = []
    for row in page.rows:
        named = [one for one in row.customer_ids if one in seen]
        view = views.entry_view(row, page.about, named)
        shown.append(view | {"more_customers": len(named) < len(row.customer_ids)})
    return shown


def answer(body: Any, *, version: int | None = None) -> Response:
    """200 with a body that is JSON already but for its bytes."""
    return Reply.ok(body, version=version).render([]).response()
