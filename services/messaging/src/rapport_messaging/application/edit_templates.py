"""Create, change and delete templates (M2): an unknown variable is refused at save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, FieldError, Invalid, NotFound, Stale
from rapport_contracts.text import normalise
from rapport_messaging.store import templates
from rapport_messaging.store.connection import Connection, Row

from .texts import checked, offered


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as a person wants it."""

    name: str
    channel: str
    body: str
    group_ids: Sequence[str]


def shown(row: Row[Any]) -> dict[str, Any]:
    """The template as the API shows it."""
    names = ("id", "name", "channel", "body", "group_ids", "version", "created_by", "created_at", "updated_at")
    return {name: getattr(row, name) for name in names}


def list_templates(conn: Connection, caller: Caller, after: str) -> list[Row[Any]]:
    """Templates offered to the caller, by name, beyond the name key `after`."""
    return [row for row in templates.listed(conn, after) if offered(row, caller)]


def get_template(conn: Connection, caller: Caller, template_id: str) -> Row[Any]:
    """The template. Raises `NotFound`, also when it is bound to groups that the caller does not see."""
    row = templates.find(conn, template_id)
    if row is None or not offered(row, caller):
        raise NotFound("There is no such template.")
    return row


def create_template(tx: Tx, caller: Caller, directory: Directory, draft: Draft) -> dict[str, Any]:
    """Save a new template. Raises `Invalid` 422 (`unknown_variable`, `validation_failed`), `Conflict` 409 `name_taken`."""
    template_id = new_id()
    values = _values(tx.conn, caller, directory, draft, template_id)
    templates.add(tx, values | {"id": template_id, "created_by": caller.id})
    return shown(get_template(tx.conn, caller, template_id))


def change_template(
    tx: Tx, caller: Caller, directory: Directory, template_id: str, version: int, patch: Mapping[str, Any]
) -> dict[str, Any]:
    """Change what `patch` names. Raises as `create_template`, `NotFound`, `Stale` 412."""
    row = get_template(tx.conn, caller, template_id)
    if row.version != version:
        raise Stale(shown(row))
    before = {"name": row.name, "channel": row.channel, "body": row.body, "group_ids": row.group_ids}
    values = _values(tx.conn, caller, directory, Draft(**before | dict(patch)), template_id)
    templates.change(tx, template_id, version, values)
    return shown(get_template(tx.conn, caller, template_id))


def delete_template(tx: Tx, caller: Caller, template_id: str, version: int) -> None:
    """Delete it; what was sent with it stays. Raises `NotFound`, `Stale` 412."""
    row = get_template(tx.conn, caller, template_id)
    if not templates.remove(tx, template_id, version):
        raise Stale(shown(row))


def _values(conn: Connection, caller: Caller, directory: Directory, draft: Draft, template_id: str) -> dict[str, Any]:
    checked(conn, caller, draft.body, "body")
    name = draft.name.strip()
    if not name:
        raise Invalid("A template needs a name.", FieldError("name", "empty", "A template needs a name."))
    _check_groups(caller, directory, draft.group_ids)
    key = normalise(name)
    if templates.name_taken(conn, key, template_id):
        raise Conflict("name_taken", f"There is a template named “{name}” already.")
    groups = sorted(set(draft.group_ids))
    return {"name": name, "name_key": key, "channel": draft.channel, "body": draft.body, "group_ids": groups}


def _check_groups(caller: Caller, directory: Directory, group_ids: Sequence[str]) -> None:
    for position, group_id in enumerate(group_ids):
        if not directory.group_exists(group_id) or not caller.sees_any([group_id]):
            detail = "There is no such group."
            raise Invalid(detail, FieldError(f"group_ids.{position}", "not_found", detail))
