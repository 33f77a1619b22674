"""`rapport backup` and `rapport restore` (ADR 0051, 0166): a folder of files, whatever engines the installation is on.

The search index is not in it: it is rebuilt.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.bus.embedded_copy import CopiedLog
from rapport_chassis.bus.port import Bus, BusUnusable
from rapport_chassis.db import EngineUnavailable, EngineUnfit, Tx
from rapport_chassis.retention import BACKUP_WITHIN
from rapport_chassis.tables import chassis_tables
from rapport_host.backing.instant import Instant, one_instant
from rapport_host.backing.manifest import checked_manifest, write_manifest
from rapport_host.locking import locked
from rapport_host.moving.command import migrate
from rapport_host.moving.mark import Mark, chosen_engines
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import UNAVAILABLE


def backup(settings: Settings, target: Path) -> int:
    """Copy this installation into the folder `target`, which must not exist; the exit status (75: an engine is away, or no room).

    Raises `Misconfigured`.
    """
    target = target.resolve()
    if target.exists():
        raise Misconfigured(f"{target} exists; a backup is written to a new folder")
    if not settings.on_postgres and not settings.database_path(NAMES[0]).is_file():
        raise Misconfigured(f"there is nothing to back up in {settings.data}")
    aside = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        asyncio.run(_copy_all(settings, aside))
        _finish(settings, aside, target)
    except (BusUnusable, EngineUnfit, WrongSetting) as error:
        raise Misconfigured(str(error)) from error
    except (EngineUnavailable, psycopg.OperationalError, sqlite3.OperationalError, OSError) as error:
        print(f"rapport: the backup could not be made: {error}", file=sys.stderr)
        return UNAVAILABLE
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    print(f"Backed up {settings.data} to {target} ({_size(target) / 1e6:.1f} MB).")
    if settings.env.get("RAPPORT_IDENTITY_KEY"):
        print("RAPPORT_IDENTITY_KEY is not in it: keep it where you keep your secrets.")
    return 0


def _finish(settings: Settings, aside: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(settings.data / "identity.key", aside / "identity.key")
    write_manifest(aside)
    aside.rename(target)


async def _copy_all(settings: Settings, aside: Path) -> None:
    """What is removed on its engine when it is superseded comes first, snapshots stay as they are.

    Blobs that are removed after the instant are copied by then, but for the newest.
    """
    async with _opened_bus(settings) as bus:
        await _copy_blobs(settings, aside)
        async with one_instant(settings, bus, aside) as instant:
            await _copy_instant(settings, bus, instant, aside)


async def _copy_instant(settings: Settings, bus: Bus | None, instant: Instant, aside: Path) -> None:
    log = await _copy_engines(settings, bus, instant, aside)
    for part in instant.parts:
        await asyncio.to_thread(part.copy, aside)
    if log:
        for name in NAMES:
            log.clamp_positions(aside / settings.database_path(name).name)


async def _copy_engines(settings: Settings, bus: Bus | None, instant: Instant, aside: Path) -> CopiedLog | None:
    """New blobs on S3, and the log if it is no file; it is returned. Raises `Misconfigured` when that took too long."""
    from rapport_host.backing.engines import copy_log

    began = time.monotonic()
    copied = await _copy_blobs(settings, aside)
    log = await copy_log(bus, aside / settings.bus_path.name, instant.ends) if bus else None
    if (log or copied) and time.monotonic() - began > BACKUP_WITHIN.total_seconds():
        raise Misconfigured("Kafka's log and the bucket took longer than an hour to copy: something may be missing")
    return log


async def _copy_blobs(settings: Settings, aside: Path) -> bool:
    """What is on S3 and not copied yet; whether blobs are there at all."""
    from rapport_host.backing.engines import copy_bucket

    on_s3 = settings.blob_url.startswith("s3:")
    if on_s3:
        await copy_bucket(settings, aside / "blobs")
    return on_s3


@contextlib.asynccontextmanager
async def _opened_bus(settings: Settings) -> AsyncIterator[Bus | None]:
    """The bus, if it is no file."""
    from rapport_host.moving.topics import opened_bus

    if settings.bus_url.startswith("embedded:"):
        yield None
        return
    async with opened_bus(settings) as bus:
        yield bus


def restore(settings: Settings, source: Path) -> int:
    """Make the data folder from a backup; it must be empty. Then move it to the engines of the environment, if there are any.

    The exit status, as of `migrate`. Messages that were under way become `unknown`, so that none is sent again
    (measures.md R11). Raises `Misconfigured`.
    """
    manifest = checked_manifest(source)
    if settings.data.exists() and any(settings.data.iterdir()):
        raise Misconfigured(f"{settings.data} is not empty; restore into a new folder (RAPPORT_DATA)")
    aside = settings.data.with_name(f".{settings.data.name}.restoring")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    with locked(aside / "restore.lock", 0):
        for name in manifest["files"]:
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, aside / name)
        for name in NAMES:
            _run_restore_hook(name, aside / f"{name}.sqlite")
        if chosen_engines(settings):
            Mark(state="restored").saved(aside)
    (aside / "restore.lock").unlink()
    if settings.data.exists():
        settings.data.rmdir()
    aside.rename(settings.data)
    print(f"Restored {settings.data} from the backup of {manifest['made_at']}.", flush=True)
    return migrate(settings) if chosen_engines(settings) else 0


def _run_restore_hook(name: str, path: Path) -> None:
    service = load(name)
    if service.on_restore is None or not path.is_file():
        return
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        tx = Tx(conn, datetime.now(UTC), chassis_tables(service.metadata))
        service.on_restore(tx)
        tx.flush()
    engine.dispose()
    print(f"{name}: prepared for a new life", file=sys.stderr)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
