"""The permissions by section, as the console's matrix shows them (G1)."""

from __future__ import annotations

from rapport_contracts.permissions import ALL

_SECTIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("customers", "Customers", frozenset({"customers", "groups", "fields", "filters"})),
    ("import", "Import", frozenset({"imports"})),
    ("logging", "Log entries and tags", frozenset({"entries", "tags"})),
    ("messaging", "Messages", frozenset({"messages", "templates", "consent", "sandbox"})),
    ("administration", "Users and settings", frozenset({"users", "roles", "settings", "audit"})),
    ("operation", "Operation", frozenset({"system", "parked"})),
)


def catalogue() -> list[dict[str, object]]:
    """`[{"section", "title", "permissions": [name]}]`: every permission exactly once, in the contract's order."""
    return [
        {
            "section": section,
            "title": title,
            "permissions": [name for name in ALL if name.partition(".")[0] in nouns],
        }
        for section, title, nouns in _SECTIONS
    ]
