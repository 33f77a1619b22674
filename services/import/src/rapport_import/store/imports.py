"""Imports: their rows, and the state of each, which is that of its job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select, update

from rapport_chassis.db import Tx
from rapport_import.store.tables import CHASSIS, imports

_JOBS: Final = CHASSIS.jobs
_COLUMNS: Final = tuple(column for column in imports.c if column.name != "plan")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import without its plan; `state` is `ready` until there is a job, then the job's."""

    id: str
    file_name: str
    size: int
    format: str
    encoding: str | None
    delimiter: str | None
    sheets: list[dict[str, Any]]
    revision: int
    settings: dict[str, Any] | None
    job_id: str | None
    total: int | None
    started_at: datetime | None
    swept: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int
    state: str
    job_error: dict[str, Any] | None


def insert_import(tx: Tx, values: dict[str, Any]) -> None:
    """A new import at version 1."""
    stamps = {"created_at": tx.now, "updated_at": tx.now, "version": 1, "swept": 0}
    tx.conn.execute(insert(imports), values | stamps)


def change_import(tx: Tx, import_id: str, values: dict[str, Any]) -> None:
    """Change columns; the version grows by one."""
    changed = {**values, "version": imports.c.version + 1, "updated_at": tx.now}
    tx.conn.execute(update(imports).where(imports.c.id == import_id).values(changed))


def hold_import(tx: Tx, import_id: str) -> None:
    """Nobody else changes the import until this transaction ends."""
    tx.conn.execute(select(imports.c.id).where(imports.c.id == import_id).with_for_update())


def find_import(conn: Connection, import_id: str, owner: str | None) -> ImportRow | None:
    """The import, or None; with `owner` only one that this user made."""
    query = _select().where(imports.c.id == import_id)
    row = conn.execute(_owned(query, owner)).first()
    return None if row is None else _import(row)


def list_imports(conn: Connection, owner: str | None, before: str | None, limit: int) -> list[ImportRow]:
    """Newest first."""
    query = _owned(_select(), owner).order_by(imports.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(imports.c.id < before)
    return [_import(row) for row in conn.execute(query)]


def plan_of(conn: Connection, import_id: str) -> dict[str, Any] | None:
    """The frozen plan of its run."""
    plan: dict[str, Any] | None = conn.execute(select(imports.c.plan).where(imports.c.id == import_id)).scalar()
    return plan


def set_total(tx: Tx, import_id: str, total: int) -> None:
    """How many rows its run has."""
    tx.conn.execute(update(imports).where(imports.c.id == import_id).values(total=total))


def _select() -> Select[Any]:
    return select(*_COLUMNS, _JOBS.c.state, _JOBS.c.error.label("job_error")).select_from(
        imports.outerjoin(_JOBS, _JOBS.c.id == imports.c.job_id)
    )


def _owned(query: Select[Any], owner: str | None) -> Select[Any]:
    return query if owner is None else query.where(imports.c.created_by == owner)


def _import(row: Row[Any]) -> ImportRow:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public way to a mapping
    return ImportRow(**(values | {"state": values["state"] or "ready"}))
