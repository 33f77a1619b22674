"""The text of a message: given, or from a template; which variables it may use, and what they need to be filled in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.problems import FieldError, Invalid, NotFound
from rapport_messaging.domain import templates as rules
from rapport_messaging.domain.templates import Compiled, UnknownVariable
from rapport_messaging.domain.values import Setting
from rapport_messaging.store import customers, templates
from rapport_messaging.store.connection import Connection

compiled = lru_cache(maxsize=512)(rules.compile_text)


def known_variables(conn: Connection, caller: Caller) -> dict[str, str]:
    """Variable name -> title: the built-in ones, and the custom fields that the caller may see (Q6)."""
    fields = {
        f"custom.{one['id']}": str(one["title"])
        for one in customers.live_definitions(conn)
        if one["type"] == "field" and (not one.get("group_ids") or caller.sees_any(one["group_ids"]))
    }
    return {name: name for name in rules.BUILT_IN} | fields


def checked(conn: Connection, caller: Caller, text: str, field: str = "text") -> Compiled:
    """Compile `text`. Raises `Invalid` 422 `unknown_variable` with the nearest name, `validation_failed` if it says nothing."""
    if not text.strip():
        raise Invalid("A message needs a text.", FieldError(field, "empty", "A message needs a text."))
    parsed = compiled(text)
    try:
        rules.check(parsed, known_variables(conn, caller))
    except UnknownVariable as unknown:
        raise _unknown(unknown, field) from unknown
    return parsed


def resolved(conn: Connection, caller: Caller, text: str | None, template_id: str | None) -> str:
    """The text to send: the given one, or the template's. Raises `Invalid` 422, `NotFound` 404 for an unknown template."""
    if template_id is not None:
        row = templates.find(conn, template_id)
        if row is None or not offered(row, caller):
            raise NotFound("There is no such template.")
        text = row.body
    checked(conn, caller, text or "")
    return text or ""


def offered(template: Any, caller: Caller) -> bool:
    """Whether a template is offered to the caller: a general one to everybody, a bound one to who sees one of its groups."""
    return not template.group_ids or caller.sees_any(template.group_ids)


def load_setting(conn: Connection, directory: Directory, user_id: str) -> Setting:
    """What is the same for all recipients of one sender."""
    definitions = customers.live_definitions(conn)
    options = {
        str(item["id"]): str(item["label"]) for one in definitions if one["type"] == "list" for item in one["items"]
    }
    return Setting(
        field_types={one["id"]: one["field_type"] for one in definitions if one["type"] == "field"},
        options=options,
        user_name=directory.user_name(user_id),
        language=directory.settings.language,
        calendar=directory.settings.calendar,
    )


def _unknown(unknown: UnknownVariable, field: str) -> Invalid:
    hint = f" Did you mean “{unknown.suggestion}”?" if unknown.suggestion else ""
    detail = f"There is no variable “{unknown.name}”.{hint}"
    error = FieldError(field, "unknown_variable", detail)
    return Invalid(detail, error, code="unknown_variable", variable=unknown.name, suggestion=unknown.suggestion)
