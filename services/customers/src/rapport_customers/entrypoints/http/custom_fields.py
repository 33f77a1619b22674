"""/custom-fields and /field-sections (C4)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import IfMatch, Reply, Writes, if_match, page, requires, runtime_of, writes
from rapport_customers.application import edit_fields, edit_sections
from rapport_customers.entrypoints.http import definition_schemas as schemas

router = APIRouter(tags=["custom fields"])


@router.get("/custom-fields", response_model=schemas.FieldPage)
async def list_fields(request: Request, caller: Caller = requires("customers.view")) -> Response:
    """The custom fields that the caller sees, by section and position."""
    found = await runtime_of(request).db.read(edit_fields.list_fields, caller)
    return Reply.ok(page(found, None)).render([]).response()


@router.post("/custom-fields", status_code=201, response_model=schemas.FieldOut)
async def create_field(
    body: schemas.NewField, caller: Caller = requires("fields.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a custom field. 409 `name_taken`: titles are unique over all of them."""

    def run(tx: Tx) -> Reply:
        made = edit_fields.create_field(tx, caller, body.said())
        return Reply.created(edit_fields.as_answer(made), location=f"/custom-fields/{made.id}", version=made.version)

    return await write(run)


@router.patch("/custom-fields/{field_id}", response_model=schemas.FieldOut)
async def change_field(
    field_id: str,
    body: schemas.FieldPatch,
    caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change or move a custom field; 409 `in_use` for its type while customers hold values."""

    def run(tx: Tx) -> Reply:
        field = edit_fields.edit_field(tx, caller, field_id, expected.version, body.said())
        return Reply.ok(edit_fields.as_answer(field), version=field.version)

    return await write(run)


@router.delete("/custom-fields/{field_id}", status_code=204)
async def remove_field(
    field_id: str,
    caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove a custom field; 409 `in_use` while any customer holds a value."""

    def run(tx: Tx) -> Reply:
        edit_fields.remove_field(tx, caller, field_id, expected.version)
        return Reply.no_content()

    return await write(run)


@router.get("/field-sections", response_model=schemas.SectionPage)
async def list_sections(request: Request, _caller: Caller = requires("customers.view")) -> Response:
    """All sections in order."""
    found = await runtime_of(request).db.read(edit_sections.list_sections)
    return Reply.ok(page(found, None)).render([]).response()


@router.post("/field-sections", status_code=201, response_model=schemas.SectionOut)
async def create_section(
    body: schemas.NewSection, _caller: Caller = requires("fields.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a section. 409 `name_taken`."""

    def run(tx: Tx) -> Reply:
        made = edit_sections.create_section(tx, body.title, body.position)
        answer = edit_sections.as_answer(made)
        return Reply.created(answer, location=f"/field-sections/{made.id}", version=made.version)

    return await write(run)


@router.patch("/field-sections/{section_id}", response_model=schemas.SectionOut)
async def change_section(
    section_id: str,
    body: schemas.SectionPatch,
    _caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Rename or move a section."""

    def run(tx: Tx) -> Reply:
        section = edit_sections.edit_section(tx, section_id, expected.version, body.said())
        return Reply.ok(edit_sections.as_answer(section), version=section.version)

    return await write(run)


@router.delete("/field-sections/{section_id}", status_code=204)
async def remove_section(
    section_id: str,
    _caller: Caller = requires("fields.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove an empty section that is not built in; 409 `in_use` otherwise."""

    def run(tx: Tx) -> Reply:
        edit_sections.remove_section(tx, section_id, expected.version)
        return Reply.no_content()

    return await write(run)
