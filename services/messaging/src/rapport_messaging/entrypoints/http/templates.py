"""Templates: list, create, read, change, delete, try with a real customer (M2)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import (
    After,
    IfMatch,
    Limit,
    Reply,
    Writes,
    decode_cursor,
    encode_cursor,
    if_match,
    page,
    requires,
    runtime_of,
    writes,
)
from rapport_chassis.problems import NotFound
from rapport_messaging.application import audience, edit_templates, try_text
from rapport_messaging.application.edit_templates import Draft
from rapport_messaging.application.texts import known_variables
from rapport_messaging.entrypoints.http import schemas

router = APIRouter(tags=["templates"])


@router.get("/templates", response_model=schemas.TemplatePage)
async def list_templates(
    request: Request,
    group_id: str | None = None,
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("messages.view"),
) -> Any:
    """Templates by name: general ones and those of groups the caller sees; with `group_id`, of it or a group above."""
    start = decode_cursor(after, str)[0] if after else ""
    rows = await runtime_of(request).db.read(edit_templates.list_templates, caller, start)
    if group_id is not None:
        directory = runtime_of(request).directory
        rows = [
            row for row in rows if not row.group_ids or any(group_id in directory.subtree(one) for one in row.group_ids)
        ]
    shown = rows[:limit]
    return page(
        [edit_templates.shown(row) for row in shown], encode_cursor(shown[-1].name_key) if len(rows) > limit else None
    )


@router.post("/templates", status_code=201, response_model=schemas.TemplateOut)
async def create_template(
    request: Request,
    body: schemas.NewTemplate,
    caller: Caller = requires("templates.edit"),
    write: Writes = Depends(writes),
) -> Response:
    """Save a template. 422 `unknown_variable` with the nearest name, 409 `name_taken`."""
    directory = runtime_of(request).directory

    def create(tx: Any) -> Reply:
        made = edit_templates.create_template(tx, caller, directory, Draft(**body.model_dump()))
        return Reply.created(made, location=f"/templates/{made['id']}", version=made["version"])

    return await write(create)


@router.post("/templates:preview", response_model=schemas.TrialOut)
async def try_template(
    request: Request, body: schemas.TemplateTrial, caller: Caller = requires("messages.send")
) -> dict[str, Any]:
    """A text as one real customer would get it, with its size."""
    runtime = runtime_of(request)
    if not await audience.visible_of(runtime, caller, [body.customer_id]):
        raise NotFound("There is no such customer.")
    rows = await audience.known_rows(runtime, caller, [body.customer_id])
    if body.customer_id not in rows:
        raise NotFound("There is no such customer.")
    document = rows[body.customer_id].document
    return await runtime.db.read(try_text.try_text, runtime.directory, caller, body.body, document)


@router.get("/templates/variables", response_model=schemas.VariablePage)
async def list_variables(request: Request, caller: Caller = requires("messages.view")) -> dict[str, Any]:
    """The variables that the caller's texts may use."""
    known = await runtime_of(request).db.read(known_variables, caller)
    return page([{"name": name, "title": title} for name, title in known.items()], None)


@router.get("/templates/{template_id}", response_model=schemas.TemplateOut)
async def read_template(
    request: Request, response: Response, template_id: str, caller: Caller = requires("messages.view")
) -> dict[str, Any]:
    """One template, with its ETag."""
    row = await runtime_of(request).db.read(edit_templates.get_template, caller, template_id)
    response.headers["etag"] = f'"{row.version}"'
    return edit_templates.shown(row)


@router.patch("/templates/{template_id}", response_model=schemas.TemplateOut)
async def change_template(
    request: Request,
    template_id: str,
    body: schemas.TemplatePatch,
    caller: Caller = requires("templates.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change a template. 412 `stale_version` with `current`."""
    directory = runtime_of(request).directory

    def change(tx: Any) -> Reply:
        made = edit_templates.change_template(tx, caller, directory, template_id, seen.version, body.changes())
        return Reply.ok(made, version=made["version"])

    return await write(change)


@router.delete("/templates/{template_id}", status_code=204)
async def delete_template(
    template_id: str,
    caller: Caller = requires("templates.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Delete a template. What was sent with it stays."""

    def delete(tx: Any) -> Reply:
        edit_templates.delete_template(tx, caller, template_id, seen.version)
        return Reply.no_content()

    return await write(delete)
