"""Databases that stay where they are while their bus or index moves: only positions change in them."""

from __future__ import annotations

from sqlalchemy import delete

from rapport_chassis.db import Tx, bulk_insert, open_database
from rapport_host.moving.positions import Positions
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Settings


async def reposition(settings: Settings, positions: Positions) -> None:
    """Write the new positions into every service's database, in one transaction a service; doing it again changes nothing."""
    for name in NAMES:
        db = open_database(settings.database_url(name), load(name).metadata, name=name)
        await db.start()
        try:
            await db.write(_rewrite, name, positions)
        finally:
            await db.close()


def _rewrite(tx: Tx, service: str, positions: Positions) -> None:
    for table in (tx.tables.offsets, tx.tables.parked):
        names = [column.name for column in table.c]
        listed = ", ".join(f'"{name}"' for name in names)
        rows = [dict(row._mapping) for row in tx.conn.exec_driver_sql(f'SELECT {listed} FROM "{table.name}"')]  # noqa: SLF001
        moved = [after for row in rows if (after := positions.moved(service, table.name, row))]
        tx.conn.execute(delete(table))
        bulk_insert(tx.conn, table, names, [tuple(row.values()) for row in moved])
