"""Finding the poison in a batch that failed, inside its transaction: everything else is handled in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapport_chassis.db import EngineUnavailable, Tx
from rapport_contracts.envelope import Message, looked

Effect = Callable[[Tx, Sequence[Message]], None]


def attempt(tx: Tx, effect: Effect, messages: Sequence[Message], *, keep: bool = True) -> Exception | None:
    """Do the effect in a savepoint; the reason why it failed, with nothing changed, or None. `keep` False takes it back."""
    savepoint = tx.conn.begin_nested()
    try:
        effect(tx, messages)
    except EngineUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  whatever a handler raises, a message may be poison
        savepoint.rollback()
        return error
    if keep:
        savepoint.commit()
    else:
        savepoint.rollback()
    return None


def find_poison(tx: Tx, effect: Effect, messages: Sequence[Message], error: Exception) -> dict[Message, Exception]:
    """Which of `messages` fail alone: first the one that was looked into last, otherwise one found by halves.

    When none fails alone they fail only together, and all are to blame.
    """
    if len(messages) == 1:
        return {messages[0]: error}
    suspect = looked.last
    if suspect is not None and suspect in messages and (reason := attempt(tx, effect, [suspect], keep=False)):
        return {suspect: reason}
    return _by_halves(tx, effect, messages) or dict.fromkeys(messages, error)


def _by_halves(tx: Tx, effect: Effect, messages: Sequence[Message]) -> dict[Message, Exception]:
    while len(messages) > 1:
        middle = len(messages) // 2
        halves = (messages[:middle], messages[middle:])
        failing = next((half for half in halves if attempt(tx, effect, half, keep=False)), None)
        if failing is None:
            return {}
        messages = failing
    reason = attempt(tx, effect, messages, keep=False)
    return {messages[0]: reason} if reason else {}
