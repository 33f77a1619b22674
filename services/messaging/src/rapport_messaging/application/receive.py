"""Incoming messages (M5): matched to a customer by normalised number, kept when nobody matches, STOP and START set consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_ids
from rapport_messaging.domain.keywords import Wish, wish
from rapport_messaging.store import consent, customers, messages


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a provider received; `address` in E.164 where it is a number, `wish` when the provider itself recognised one."""

    provider: str
    reference: str
    address: str
    body: str
    wish: Wish | None = None


def receive(tx: Tx, incoming: Sequence[Incoming]) -> None:
    """Keep each message once, whatever the provider repeats (by its reference), and let STOP and START words set consent.

    The customer is who has the number. Where several have it, it is the one we wrote to last at that number, else nobody: the
    message then waits unmatched with the reason `ambiguous`, because a guess would show one customer's words to another's reader.
    """
    fresh = _fresh(tx, incoming)
    if not fresh:
        return
    numbers = sorted({one.address for one in fresh})
    owners, last = customers.owners(tx.conn, numbers), messages.last_written_to(tx.conn, numbers)
    ids = new_ids(len(fresh))
    rows = [_row(message, one, owners, last) for message, one in zip(ids, fresh, strict=True)]
    messages.insert_received(tx, rows)
    consent.put(tx, [said for message, one in zip(ids, fresh, strict=True) if (said := _said(message, one))])


def _fresh(tx: Tx, incoming: Sequence[Incoming]) -> list[Incoming]:
    by_reference = {one.reference: one for one in reversed(incoming)}
    known = messages.known_references(tx.conn, incoming[0].provider, list(by_reference)) if incoming else {}
    return [one for reference, one in reversed(by_reference.items()) if reference not in known]


def _row(message: str, one: Incoming, owners: Mapping[str, Sequence[str]], last: Mapping[str, str]) -> dict[str, Any]:
    having = owners.get(one.address, ())
    known = last.get(one.address)
    owner = known if known in having else (having[0] if len(having) == 1 else None)
    return {
        "id": message,
        "customer_id": owner,
        "reason": "ambiguous" if owner is None and having else None,
        "address": one.address,
        "body": one.body,
        "provider": one.provider,
        "provider_ref": one.reference,
    }


def _said(message: str, one: Incoming) -> dict[str, Any] | None:
    wanted = one.wish or wish(one.body)
    if wanted is None:
        return None
    how = f"reply: {one.body.strip()[:50]}"
    said = {"channel": "sms", "address": one.address, "state": wanted, "how": how, "evidence": message}
    return said | {"changed_by": None}
