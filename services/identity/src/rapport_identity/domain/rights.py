"""Who may give which right: nobody hands on more than they hold themselves (G1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MASTER = "master"
RIGHTS = ("view", "edit", "remove")


@dataclass(frozen=True, slots=True)
class Holder:
    """What someone holds: permissions, and the groups by right (None = every group)."""

    permissions: frozenset[str]
    groups: Mapping[str, frozenset[str] | None]

    def missing_for(self, permissions: Iterable[str]) -> list[str]:
        """Those of `permissions` that this holder does not have, sorted."""
        return sorted(set(permissions) - self.permissions)

    def covers_access(self, access: Sequence[Mapping[str, Any]] | None) -> bool:
        """Whether every right of `access` (a `group_access` list; None = every group) is held."""
        if access is None:
            return all(self.groups[right] is None for right in RIGHTS)
        return all(self._has(right, entry["group_id"]) for entry in access for right in RIGHTS if entry.get(right))

    def _has(self, right: str, group: str) -> bool:
        held = self.groups[right]
        return held is None or group in held


def added(before: Collection[str], after: Collection[str]) -> list[str]:
    """What `after` has and `before` has not, sorted."""
    return sorted(set(after) - set(before))


def added_access(
    before: Sequence[Mapping[str, Any]] | None, after: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]] | None:
    """The entries of `after` that give a right `before` does not give; None when `after` newly means every group."""
    if before is None:
        return []
    if after is None:
        return None
    old = {(entry["group_id"], right) for entry in before for right in RIGHTS if entry.get(right)}
    rows = []
    for entry in after:
        new = {right: bool(entry.get(right)) and (entry["group_id"], right) not in old for right in RIGHTS}
        if any(new.values()):
            rows.append({"group_id": entry["group_id"], **new})
    return rows


def merged_access(access: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`access` with one entry a group, rights joined, edit and remove implying view, in the order first named."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in access:
        row = rows.setdefault(
            entry["group_id"], {"group_id": entry["group_id"], "view": False, "edit": False, "remove": False}
        )
        for right in RIGHTS:
            row[right] = row[right] or bool(entry.get(right))
        row["view"] = row["view"] or row["edit"] or row["remove"]
    return [row for row in rows.values() if row["view"]]
