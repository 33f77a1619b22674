"""/lists: named, ordered, reusable options of list fields (C4)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import IfMatch, Reply, Writes, if_match, page, requires, runtime_of, writes
from rapport_customers.application import edit_lists
from rapport_customers.entrypoints.http import definition_schemas as schemas

router = APIRouter(tags=["lists"])


@router.get("/lists", response_model=schemas.ListPage)
async def list_lists(request: Request, _caller: Caller = requires("customers.view")) -> Response:
    """All lists with their options."""
    found = await runtime_of(request).db.read(edit_lists.list_lists)
    return Reply.ok(page(found, None)).render([]).response()


@router.post("/lists", status_code=201, response_model=schemas.ListOut)
async def create(
    body: schemas.NewList, _caller: Caller = requires("fields.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a list. 409 `name_taken`."""

    def run(tx: Tx) -> Reply:
        made = edit_lists.create_list(tx, body.name, body.items)
        return Reply.created(edit_lists.as_answer(made), location=f"/lists/{made.name}", version=made.version)

    return await write(run)


@router.get("/lists/{name}", response_model=schemas.ListOut)
async def get(request: Request, name: str, _caller: Caller = requires("customers.view")) -> Response:
    """One list; its ETag guards its options."""
    found = await runtime_of(request).db.read(edit_lists.get_list, name)
    return Reply.ok(edit_lists.as_answer(found), version=found.version).render([]).response()


@router.delete("/lists/{name}", status_code=204)
async def remove(
    name: str,
    _caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove a list that no custom field uses; 409 `in_use` otherwise."""

    def run(tx: Tx) -> Reply:
        edit_lists.remove_list(tx, name, expected.version)
        return Reply.no_content()

    return await write(run)


@router.get("/lists/{name}/items", response_model=schemas.ItemPage)
async def items(request: Request, name: str, _caller: Caller = requires("customers.view")) -> Response:
    """The options in order; the ETag is the list's."""
    found = await runtime_of(request).db.read(edit_lists.get_list, name)
    answer = page([edit_lists.item_answer(item) for item in found.items], None)
    return Reply.ok(answer, version=found.version).render([]).response()


@router.post("/lists/{name}/items", status_code=201, response_model=schemas.ItemOut)
async def add(
    name: str, body: schemas.NewItem, _caller: Caller = requires("customers.edit"), write: Writes = Depends(writes)
) -> Response:
    """Extend a list, also from a customer's form. 409 `name_taken`. The ETag is the list's."""

    def run(tx: Tx) -> Reply:
        options, item = edit_lists.add_item(tx, name, body.label, body.position)
        place = f"/lists/{name}/items/{item.id}"
        return Reply.created(edit_lists.item_answer(item), location=place, version=options.version)

    return await write(run)


@router.patch("/lists/{name}/items/{item_id}", response_model=schemas.ItemOut)
async def change_item(
    name: str,
    item_id: str,
    body: schemas.ItemPatch,
    _caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Rename or move an option; If-Match and ETag are the list's."""

    def run(tx: Tx) -> Reply:
        options, item = edit_lists.edit_item(tx, name, item_id, expected.version, body.said())
        return Reply.ok(edit_lists.item_answer(item), version=options.version)

    return await write(run)


@router.delete("/lists/{name}/items/{item_id}", status_code=204)
async def remove_item(
    name: str,
    item_id: str,
    _caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove an option; 409 `in_use` while any customer holds it."""

    def run(tx: Tx) -> Reply:
        edit_lists.remove_item(tx, name, item_id, expected.version)
        return Reply.no_content()

    return await write(run)
