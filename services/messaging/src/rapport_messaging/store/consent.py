"""Consent by channel and normalised address: the present state, when and how it came (M11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from rapport_chassis.db import Tx, in_list

from .tables import consent


def find(conn: Connection, channel: str, address: str) -> Row[Any] | None:
    """The consent of an address, or None when nobody ever said anything."""
    return conn.execute(select(consent).where(consent.c.channel == channel, consent.c.address == address)).first()


def opted_out(conn: Connection, channel: str, addresses: Sequence[str]) -> set[str]:
    """Those of `addresses` that must not be written to."""
    query = select(consent.c.address).where(
        consent.c.channel == channel, consent.c.state == "out", in_list(consent.c.address, addresses)
    )
    return set(conn.execute(query).scalars())


def put(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Set consent, the last of an address holds; rows: channel, address, state (`none`: forget), how, evidence, changed_by."""
    last = {(row["channel"], row["address"]): row for row in rows}
    for channel in {channel for channel, _ in last}:
        addresses = [address for of, address in last if of == channel]
        tx.conn.execute(delete(consent).where(consent.c.channel == channel, in_list(consent.c.address, addresses)))
    said = [row | {"at": tx.now} for row in last.values() if row["state"] != "none"]
    if said:
        tx.conn.execute(insert(consent), said)
