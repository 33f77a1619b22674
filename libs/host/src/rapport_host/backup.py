"""Backup and restore of the embedded data: one instant of every database and the bus, while everything runs (G6).

All files' write locks are held together just long enough to open a snapshot of each; the copying happens afterwards. So no
consumer's position lies beyond its log, and nothing published is missing from its database. The search index is rebuilt.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from rapport_chassis.db import Tx
from rapport_chassis.tables import chassis_tables
from rapport_host.locking import locked
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings

_LOCK_SECONDS = 60
_FORMAT = 1
_MANIFEST = "manifest.json"


def backup(settings: Settings, target: Path) -> int:
    """Copy this installation into the folder `target`, which must not exist; the exit status. Raises `Misconfigured`."""
    target = target.resolve()
    if target.exists():
        raise Misconfigured(f"{target} exists; a backup is written to a new folder")
    _refuse_postgres(settings)
    if not settings.bus_url.startswith("embedded:"):
        raise Misconfigured(
            "a backup copies the embedded bus; Kafka's topics are not in it, so it would not fit together"
        )
    databases = _databases(settings)
    if not databases:
        raise Misconfigured(f"there is nothing to back up in {settings.data}")
    aside = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    with _one_instant(settings, databases, aside) as snapshots:
        for path, snapshot in snapshots.items():
            _copy(snapshot, aside / path.name)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(settings.data / "identity.key", aside / "identity.key")
    _write_manifest(aside)
    aside.rename(target)
    print(f"Backed up {settings.data} to {target} ({_size(target) / 1e6:.1f} MB).")
    if settings.blob_url.startswith("s3:"):
        print("The files of imports are not in it: they stay in S3, where the bucket's own versioning keeps them.")
    return 0


def restore(settings: Settings, source: Path) -> int:
    """Make the data folder from a backup; it must be empty. The exit status. Raises `Misconfigured`.

    Messages that were under way become `unknown`, so that none is sent again (measures.md R11).
    """
    _refuse_postgres(settings)
    manifest = _checked_manifest(source)
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
    (aside / "restore.lock").unlink()
    if settings.data.exists():
        settings.data.rmdir()
    aside.rename(settings.data)
    print(f"Restored {settings.data} from the backup of {manifest['made_at']}.")
    return 0


def _refuse_postgres(settings: Settings) -> None:
    if settings.on_postgres:
        raise Misconfigured(
            "backup and restore copy the embedded databases only; on PostgreSQL stop every process of Rapport, then use "
            f"pg_dump and pg_restore on the databases of all services ({', '.join(NAMES)})"
        )


def _databases(settings: Settings) -> list[Path]:
    candidates = [*(settings.database_path(name) for name in NAMES), settings.bus_path]
    return [path for path in candidates if path.is_file()]


@contextlib.contextmanager
def _one_instant(settings: Settings, databases: list[Path], aside: Path) -> Iterator[dict[Path, sqlite3.Connection]]:
    """A snapshot of every file, all of the same instant; blobs are linked aside in that instant too."""
    with contextlib.ExitStack() as stack:
        snapshots = {path: _connect(path, stack) for path in databases}
        with contextlib.ExitStack() as held:
            for path in databases:
                holder = _connect(path, held)
                holder.execute("BEGIN IMMEDIATE")
            for snapshot in snapshots.values():
                snapshot.execute("BEGIN")
                snapshot.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _link_blobs(settings.blobs_path, aside / "blobs")
        yield snapshots


def _connect(path: Path, stack: contextlib.ExitStack) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)
    stack.callback(connection.close)
    return connection


def _copy(snapshot: sqlite3.Connection, to: Path) -> None:
    with contextlib.closing(sqlite3.connect(to)) as copy:
        snapshot.backup(copy, pages=2_000)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def _link_blobs(blobs: Path, to: Path) -> None:
    for folder, _, names in os.walk(blobs):  # takes a folder that is removed meanwhile for an empty one
        for name in names:
            if not name.startswith("."):
                _link(Path(folder) / name, to / Path(folder).relative_to(blobs) / name)


def _link(path: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # removed meanwhile: nobody needs it any more
        try:
            os.link(path, link)
        except OSError:  # another file system: there is no quicker way than copying
            shutil.copy2(path, link)


def _write_manifest(folder: Path) -> None:
    files = {str(path.relative_to(folder)): _hash(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    manifest = {"format": _FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": files}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1))


def _checked_manifest(source: Path) -> dict[str, Any]:
    path = source / _MANIFEST
    if not path.is_file():
        raise Misconfigured(f"{source} is not a backup of Rapport ({_MANIFEST} is missing)")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise Misconfigured(f"the backup is damaged: {_MANIFEST} is not what was written") from error
    if manifest["format"] != _FORMAT:
        raise Misconfigured(f"this backup has format {manifest['format']}; this version reads {_FORMAT}")
    for name, expected in manifest["files"].items():
        if not (source / name).is_file() or _hash(source / name) != expected:
            raise Misconfigured(f"the backup is damaged: {name} is not what was written")
    return manifest


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _run_restore_hook(name: str, path: Path) -> None:
    service = load(name)
    if service.on_restore is None or not path.is_file():
        return
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        service.on_restore(Tx(conn, datetime.now(UTC), chassis_tables(service.metadata)))
    engine.dispose()
    print(f"{name}: prepared for a new life", file=sys.stderr)
