"""A text as one real customer would get it (M2): rendered and counted, nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from rapport_chassis.auth import Caller, Directory
from rapport_messaging.domain.segments import measure
from rapport_messaging.domain.values import first_organization, value_of
from rapport_messaging.store import customers
from rapport_messaging.store.connection import Connection

from .texts import checked, load_setting


def try_text(
    conn: Connection, directory: Directory, caller: Caller, text: str, document: Mapping[str, Any]
) -> dict[str, Any]:
    """{text, encoding, parts, units, forced_by}. Raises `Invalid` 422 `unknown_variable`."""
    parsed = checked(conn, caller, text, "body")
    organization = first_organization(document)
    setting = replace(
        load_setting(conn, directory, caller.id),
        organizations=customers.load_documents(conn, [organization]) if organization else {},
    )
    rendered = parsed.render(lambda name: value_of(document, name, setting))
    return {"text": rendered} | asdict(measure(rendered))
