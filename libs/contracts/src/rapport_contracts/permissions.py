"""Every permission there is, and what the three built-in roles may do (features.md G1, L4)."""

from __future__ import annotations

from typing import Final

ALL: Final[tuple[str, ...]] = (
    "customers.view",
    "customers.create",
    "customers.edit",
    "customers.enable",
    "groups.edit",
    "fields.edit",
    "filters.share",
    "imports.view",
    "imports.run",
    "entries.view",
    "entries.create",
    "entries.edit",
    "entries.delete",
    "entries.describe",
    "tags.verify",
    "tags.edit",
    "messages.view",
    "messages.send",
    "templates.edit",
    "consent.edit",
    "sandbox.use",
    "users.edit",
    "roles.edit",
    "settings.edit",
    "audit.view",
    "system.view",
    "parked.replay",
)

_MASTER_ONLY = {
    "entries.create",
    "entries.edit",
    "entries.delete",
    "users.edit",
    "roles.edit",
    "settings.edit",
    "audit.view",
    "parked.replay",
}

BUILT_IN_ROLES: Final[dict[str, frozenset[str]]] = {
    "master": frozenset(ALL),
    "manager": frozenset(ALL) - _MASTER_ONLY,
    "member": frozenset({"customers.view", "customers.create", "customers.edit", "entries.view", "messages.view"}),
}
