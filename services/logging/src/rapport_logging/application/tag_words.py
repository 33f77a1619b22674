"""Words as tags (L5): a known word is its tag, whatever its spelling; an unknown one becomes a tag at once, unverified."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_ids
from rapport_logging.application.publishing import publish_tags
from rapport_logging.domain.entries import Action
from rapport_logging.domain.tags import SYSTEM_TAGS, State, sort_key, tag_key, tag_name
from rapport_logging.store import tags


@dataclass(frozen=True, slots=True)
class Said:
    """One action as a person wrote it: its text and the words of its tags."""

    text: str
    words: Sequence[str] = ()


def actions_of(tx: Tx, said: Sequence[Said], by: str) -> list[Action]:
    """The actions with their tags' ids. Raises `Invalid` 422 for what is no tag word, naming its place."""
    named = [
        [tag_name(word, f"actions.{place}.tags.{at}") for at, word in enumerate(one.words)]
        for place, one in enumerate(said)
    ]
    first = {tag_key(name): name for names in reversed(named) for name in reversed(names)}  # as it was first spelt
    ids = _ids(tx, first, by)
    return [
        {"text": one.text, "tags": list(dict.fromkeys(ids[tag_key(name)] for name in names))}
        for one, names in zip(said, named, strict=True)
    ]


def _ids(tx: Tx, names: dict[str, str], by: str) -> dict[str, str]:
    known = {key: row.id for key, row in tags.by_keys(tx.conn, list(names)).items()}
    unknown = [name for key, name in names.items() if key not in known]
    return known | {tag_key(name): tag_id for name, tag_id in create_tags(tx, unknown, "unverified", by).items()}


def create_tags(tx: Tx, names: Sequence[str], state: State, by: str | None) -> dict[str, str]:
    """New tags with these names, which no tag has; gives each name's id."""
    made = dict(zip(names, new_ids(len(names)), strict=True))
    _add(tx, [(tag_id, name, state) for name, tag_id in made.items()], by)
    return made


def ensure_system_tags(tx: Tx) -> None:
    """Make the system's tags that are not there yet (L5); one that people made under such a name becomes the system's."""
    there = tags.by_ids(tx.conn, list(SYSTEM_TAGS))
    missing = {tag_id: name for tag_id, name in SYSTEM_TAGS.items() if tag_id not in there}
    taken = tags.by_keys(tx.conn, [tag_key(name) for name in missing.values()])
    adopted = [row for row in taken.values() if row.state != "system"]
    for row in adopted:
        tags.change(tx.conn, row.id, {"state": "system", "version": row.version + 1})
    publish_tags(tx, [(row.id, row.version + 1) for row in adopted])
    _add(tx, [(tag_id, name, "system") for tag_id, name in missing.items() if tag_key(name) not in taken], None)


def _add(tx: Tx, made: Iterable[tuple[str, str, State]], by: str | None) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": tag_id,
            "name": name,
            "key": tag_key(name),
            "sort": sort_key(name),
            "state": state,
            "removed": False,
            "created_by": by,
            "created_at": tx.now,
            "version": 1,
        }
        for tag_id, name, state in made
    ]
    tags.add(tx.conn, rows)
    publish_tags(tx, [(row["id"], 1) for row in rows])
