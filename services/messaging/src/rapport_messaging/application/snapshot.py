"""The snapshot of an audience: each customer judged, each text rendered and counted, all of it kept in the ledger (M1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.service import Runtime
from rapport_messaging.config import Price
from rapport_messaging.domain.segments import Segments, measure
from rapport_messaging.domain.templates import LONGEST_TEXT, Compiled
from rapport_messaging.domain.values import Setting, first_organization, value_of
from rapport_messaging.store import audiences, consent, customers
from rapport_messaging.store.audiences import LedgerRow
from rapport_messaging.store.connection import Connection

from . import audience
from .texts import compiled, load_setting

_SAMPLES: Final = 3
_CATCH_UP_SECONDS: Final = 3.0  # for the copy, in all
_REMEMBERED: Final = 10_000


@dataclass
class Tally:
    """What adds up while the ledger is made."""

    seen: set[str] = field(default_factory=set)
    seq: int = 0
    recipients: int = 0
    total_parts: int = 0
    longest: Segments | None = None
    forced_by: str | None = None
    samples: list[dict[str, str]] = field(default_factory=list)
    measured: dict[str, Segments] = field(default_factory=dict)

    def count(self, customer_id: str, body: str) -> None:
        """One more recipient, who gets `body`."""
        size = self.measured.get(body)
        if size is None:
            size = measure(body)
            if len(self.measured) < _REMEMBERED:
                self.measured[body] = size
        self.recipients += 1
        self.total_parts += size.parts
        self.forced_by = self.forced_by or size.forced_by
        if self.longest is None or (size.parts, size.units) > (self.longest.parts, self.longest.units):
            self.longest = size
        if len(self.samples) < _SAMPLES:
            self.samples.append({"customer_id": customer_id, "body": body})


async def take_snapshot(
    runtime: Runtime,
    caller: Caller,
    found: Any,
    price: Price | None,
    progress: Callable[[int], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Make the ledger of the audience `found` as `caller` sees it, and give its summary.

    {recipients, encoding, parts, forced_by, total_parts, samples, cost?}: parts over the longest rendering of real recipients. A
    ledger left half made is made again from the start. Raises `Problem` as search and customers refuse.
    """
    await runtime.db.write(audiences.clear, found.id)
    setting = await runtime.db.read(load_setting, runtime.directory, found.created_by)
    text, tally = compiled(found.text), Tally()
    patience = asyncio.get_running_loop().time() + _CATCH_UP_SECONDS
    async for ids in audience.chunks(runtime, caller, found.source):
        rows = await audience.known_rows(runtime, caller, ids, patience)
        judged = await runtime.db.read(
            _judge, found.id, text, setting, tally, [rows[one] for one in ids if one in rows]
        )
        await runtime.db.write(audiences.append, judged)
        if progress:
            await progress(tally.seq)
    summary = _summary(tally, text, price)
    await runtime.db.write(audiences.close, found.id, summary)
    return summary


def _judge(
    conn: Connection, audience_id: str, text: Compiled, setting: Setting, tally: Tally, rows: Sequence[Any]
) -> list[LedgerRow]:
    """Everybody's line in the ledger: who gets which text, or why not."""
    opted_out = consent.opted_out(conn, "sms", [row.address for row in rows if row.address])
    setting = _with_organizations(conn, text, setting, rows)
    made: list[LedgerRow] = []
    for row in rows:
        reason = _obstacle(row, opted_out, tally.seen)
        body = None if reason else text.render(_values(row.document, setting))
        if body is not None:
            reason = _bad_text(body)
        if reason is None and body is not None:
            tally.seen.add(row.address)
            tally.count(row.id, body)
        made.append((audience_id, tally.seq, row.id, row.address, None if reason else body, reason))
        tally.seq += 1
    return made


def _values(document: Mapping[str, Any], setting: Setting) -> Callable[[str], str | None]:
    return lambda name: value_of(document, name, setting)


def _obstacle(row: Any, opted_out: set[str], seen: set[str]) -> str | None:
    if not row.enabled:
        return "disabled"
    if row.address is None:
        return str(row.problem)
    if row.address in opted_out:
        return "opted_out"
    return "duplicate" if row.address in seen else None


def _bad_text(body: str) -> str | None:
    if not body.strip():
        return "empty_text"
    return "too_long" if len(body) > LONGEST_TEXT else None


def _with_organizations(conn: Connection, text: Compiled, setting: Setting, rows: Sequence[Any]) -> Setting:
    if "organization.name" not in text.names:
        return setting
    ids = {one for row in rows if (one := first_organization(row.document))}
    return replace(setting, organizations=customers.load_documents(conn, sorted(ids)))


def _summary(tally: Tally, text: Compiled, price: Price | None) -> dict[str, Any]:
    size = tally.longest or measure(text.render(lambda _: None))
    summary: dict[str, Any] = {
        "recipients": tally.recipients,
        "encoding": "UCS-2" if tally.forced_by or size.forced_by else "GSM-7",
        "parts": size.parts,
        "forced_by": tally.forced_by or size.forced_by,
        "total_parts": tally.total_parts,
        "samples": tally.samples,
    }
    return summary | ({"cost": _cost(price, tally.total_parts)} if price else {})


def _cost(price: Price, parts: int) -> Mapping[str, str]:
    return {"amount": f"{price.amount * parts:f}", "currency": price.currency}
