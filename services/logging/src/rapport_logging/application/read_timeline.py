"""Reading (L9): a page of a customer's timeline, one entry, and what an entry said before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from rapport_chassis.problems import FieldError, Invalid, NotFound
from rapport_contracts.text import normalise
from rapport_logging.application import views
from rapport_logging.domain.kinds import KINDS, kinds_named
from rapport_logging.domain.tags import tag_key
from rapport_logging.store import entries, history, tags, timeline
from rapport_logging.store.rows import Connection, Row
from rapport_logging.store.timeline import Part, Place, Wanted, Word

PARTS: Final[frozenset[Part]] = frozenset(get_args(Part))
_MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class AskTimeline:
    """What is asked for: text `q` in `parts` (none: all), one of `kinds`, one of `tags` (ids or words)."""

    q: str = ""
    parts: Sequence[str] = ()
    kinds: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of entries, what their views need, and where to go on."""

    rows: Sequence[Row[Any]]
    about: views.Shown
    next: Place | None


def read_timeline(
    conn: Connection,
    customer_id: str,
    ask: AskTimeline,
    after: Place | None,
    limit: int,
    names: views.Names,
    users_named: Callable[[str], Sequence[str]],
) -> Page:
    """At most `limit` entries, newest first. A filtered page may be shorter and still have a next one (`store.timeline`).

    Raises `Invalid` 422 for an unknown part or kind and for more than ten words.
    """
    rows, next_ = timeline.page(conn, customer_id, _wanted(conn, ask, users_named), after, limit)
    return Page(rows, views.shown(conn, rows, names), next_)


def _wanted(conn: Connection, ask: AskTimeline, users_named: Callable[[str], Sequence[str]]) -> Wanted:
    _refuse_unknown("parts", ask.parts, PARTS)
    _refuse_unknown("kinds", ask.kinds, KINDS)
    words = list(dict.fromkeys(normalise(ask.q).split()))
    if len(words) > _MOST_WORDS:
        detail = f"At most {_MOST_WORDS} words can be looked for at once."
        raise Invalid(detail, FieldError("q", "too_many_words", detail))
    return Wanted(
        words=[Word(word, kinds_named(word), users_named(word)) for word in words],
        parts=frozenset(part for part in PARTS if part in ask.parts) or PARTS,
        kinds=sorted(set(ask.kinds)) if ask.kinds else None,
        tags=_tag_ids(conn, ask.tags) if ask.tags else None,
    )


def _refuse_unknown(field: str, given: Sequence[str], known: frozenset[str] | frozenset[Part]) -> None:
    if unknown := [one for one in given if one not in known]:
        detail = f"“{unknown[0]}” is none of {', '.join(sorted(known))}."
        raise Invalid(detail, FieldError(field, "unknown", detail))


def _tag_ids(conn: Connection, asked: Sequence[str]) -> list[str]:
    """The living tags that ids or words stand for; a replaced tag's id stands for its heir."""
    by_id = tags.by_ids(conn, asked)
    by_word = tags.by_keys(conn, [tag_key(one) for one in asked])
    return [row.replaced_by or row.id for row in (*by_id.values(), *by_word.values())]


def read_entry(conn: Connection, entry_id: str, *, removed: bool = False) -> Row[Any]:
    """One entry, a deleted one only when asked for. Raises `NotFound`."""
    row = entries.get(conn, entry_id, removed=removed)
    if row is None:
        raise NotFound("There is no such entry.")
    return row


def read_history(conn: Connection, entry_id: str, before: int | None, limit: int) -> list[views.View]:
    """What the entry said before each change by a person, newest first (L2); `version` is what the change made."""
    return [
        {
            "version": row.version,
            "at": views.instant(row.at),
            "by": row.by,
            "change": row.change,
            "before": row.before,
        }
        for row in history.page(conn, entry_id, before, limit)
    ]
