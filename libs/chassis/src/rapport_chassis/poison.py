"""Finding the poison in a batch that failed, inside its transaction: everything else is handled in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rapport_chassis.db import Contended, EngineUnavailable, Tx
from rapport_contracts.envelope import Message, looked

Effect = Callable[[Tx, Sequence[Message]], None]


def attempt(tx: Tx, effect: Effect, messages: Sequence[Message], *, keep: bool = True) -> Exception | None:
    """Do the effect in a savepoint; the reason why it failed, with nothing changed, or None. `keep` False takes it back."""
    savepoint: Any = tx.conn.connection.cursor()  # the driver's own: ten times cheaper than `begin_nested`
    savepoint.execute("SAVEPOINT attempt")
    failed: Exception | None = None
    try:
        effect(tx, messages)
    except EngineUnavailable:
        raise
    except Exception as error:  # whatever a handler raises, a message may be poison
        if tx.raced(error):
            raise Contended(str(error)) from error
        failed = error
    if failed is not None or not keep:
        savepoint.execute("ROLLBACK TO SAVEPOINT attempt")
    savepoint.execute("RELEASE SAVEPOINT attempt")
    savepoint.close()
    return failed


def find_poison(
    tx: Tx, effect: Effect, messages: list[Message], error: Exception
) -> tuple[list[Message], dict[Message, Exception], list[Message]]:
    """Who fails alone, with those before and those after it, which are to be tried again.

    The first suspect is the message that was looked into last; otherwise one is found by halves. When none fails alone they
    fail only together, and all are to blame.
    """
    at, reason = _suspect(tx, effect, messages, error)
    if at is None:
        return [], dict.fromkeys(messages, error), []
    return messages[:at], {messages[at]: reason}, messages[at + 1 :]


def _suspect(tx: Tx, effect: Effect, messages: list[Message], error: Exception) -> tuple[int | None, Exception]:
    if len(messages) == 1:
        return 0, error
    suspect = looked.last
    if suspect is not None and suspect in messages and (reason := attempt(tx, effect, [suspect], keep=False)):
        return messages.index(suspect), reason
    return _by_halves(tx, effect, messages, error)


def _by_halves(tx: Tx, effect: Effect, messages: list[Message], error: Exception) -> tuple[int | None, Exception]:
    low, high = 0, len(messages)
    while high - low > 1:
        middle = (low + high) // 2
        if attempt(tx, effect, messages[low:middle], keep=False):
            high = middle
        elif attempt(tx, effect, messages[middle:high], keep=False):
            low = middle
        else:
            return None, error
    return low, attempt(tx, effect, messages[low:high], keep=False) or error
