"""Finding the poison in a batch that failed, inside its transaction: all others are handled together in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rapport_chassis.db import Contended, EngineUnavailable, Tx
from rapport_contracts.envelope import Message, looked

Effect = Callable[[Tx, Sequence[Message]], None]


def read_each(
    read: Callable[[Message], Any] | None, messages: Sequence[Message]
) -> tuple[dict[Message, Any], dict[Message, Exception]]:
    """What is read of each message (itself, without `read`), and why others cannot be read. Nothing is changed by it."""
    if read is None:
        return {one: one for one in messages}, {}
    said: dict[Message, Any] = {}
    unreadable: dict[Message, Exception] = {}
    for message in messages:
        try:
            said[message] = read(message)
        except Exception as error:  # noqa: BLE001  whatever it raises, the message is poison
            unreadable[message] = error.with_traceback(None)
    return said, unreadable


def attempt(tx: Tx, effect: Effect, messages: Sequence[Message], *, keep: bool = True) -> Exception | None:
    """Do the effect in a savepoint; the reason why it failed, with nothing changed, or None. `keep` False takes it back."""
    tx.flush()
    savepoint: Any = tx.conn.connection.cursor()  # the driver's own: ten times cheaper than `begin_nested`
    savepoint.execute("SAVEPOINT attempt")
    failed: Exception | None = None
    try:
        effect(tx, messages)
        tx.flush()
    except EngineUnavailable:
        raise
    except Exception as error:  # whatever a handler raises, a message may be poison
        if tx.raced(error):
            raise Contended(str(error)) from error
        failed = error.with_traceback(None)  # its frames hold the whole batch, and it holds them
    if failed is not None or not keep:
        tx.drop()
        savepoint.execute("ROLLBACK TO SAVEPOINT attempt")
    savepoint.execute("RELEASE SAVEPOINT attempt")
    savepoint.close()
    return failed


def find_poison(tx: Tx, effect: Effect, messages: list[Message], error: Exception) -> dict[Message, Exception]:
    """Who of `messages`, which failed together with `error`, fails alone, and why; nothing is changed.

    The first suspect is the message that was looked into last; otherwise one is found by halves. When none fails alone they
    fail only together, and all are to blame.
    """
    if len(messages) == 1:
        return {messages[0]: error}
    suspect = looked.last
    if suspect in messages and (reason := attempt(tx, effect, [suspect], keep=False)):
        return {suspect: reason}
    return _by_halves(tx, effect, messages, error)


def _by_halves(tx: Tx, effect: Effect, messages: list[Message], error: Exception) -> dict[Message, Exception]:
    low, high = 0, len(messages)
    while high - low > 1:
        middle = (low + high) // 2
        if attempt(tx, effect, messages[low:middle], keep=False):
            high = middle
        elif attempt(tx, effect, messages[middle:high], keep=False):
            low = middle
        else:
            return dict.fromkeys(messages, error)
    return {messages[low]: attempt(tx, effect, messages[low:high], keep=False) or error}
