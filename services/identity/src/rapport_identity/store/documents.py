"""What the relay publishes on identity.users.v1: the current document of each key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import orjson
from sqlalchemy import Connection

from rapport_contracts.events import ApiKeyDocument, RoleDocument, SettingsDocument, UserDocument
from rapport_identity.store import api_keys, roles, settings, users

Document = UserDocument | RoleDocument | ApiKeyDocument | SettingsDocument


def read(conn: Connection, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Key (`user:<id>`, `role:<id>`, `api_key:<id>`, `settings`) → (version, JSON); unknown keys are left out."""
    found: dict[str, tuple[int, bytes]] = {}
    for prefix, reader in _READERS.items():
        ids = [key.partition(":")[2] for key in keys if key.partition(":")[0] == prefix]
        if ids:
            found |= {_key(prefix, document): _sealed(document) for document in reader(conn, ids)}
    return found


def _key(prefix: str, document: Document) -> str:
    return prefix if prefix == settings.KEY else f"{prefix}:{document.id}"


def _sealed(document: Document) -> tuple[int, bytes]:
    return document.version, orjson.dumps(document.model_dump(mode="json"))


def _users(conn: Connection, ids: Sequence[str]) -> Iterable[Document]:
    return (UserDocument.model_validate(user, from_attributes=True) for user in users.documents(conn, ids))


def _roles(conn: Connection, ids: Sequence[str]) -> Iterable[Document]:
    return (RoleDocument.model_validate(role, from_attributes=True) for role in roles.documents(conn, ids))


def _api_keys(conn: Connection, ids: Sequence[str]) -> Iterable[Document]:
    return (ApiKeyDocument.model_validate(key, from_attributes=True) for key in api_keys.documents(conn, ids))


def _settings(conn: Connection, _ids: Sequence[str]) -> Iterable[Document]:
    row = settings.get(conn)
    return [SettingsDocument.model_validate(row)] if row else []


_READERS: dict[str, Callable[[Connection, Sequence[str]], Iterable[Document]]] = {
    "user": _users,
    "role": _roles,
    "api_key": _api_keys,
    "settings": _settings,
}
