"""`rapport check`: what state the installation is in, in words; exit status 1 when something needs a person."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from rapport_chassis.adapters import Adapter, WrongSetting, look_at
from rapport_chassis.blobs import open_blobs
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import Bus, BusUnusable
from rapport_chassis.db import EngineUnavailable, EngineUnfit, open_database
from rapport_chassis.disk import Disk
from rapport_chassis.migrate import is_new_enough
from rapport_chassis.tables import ChassisTables
from rapport_host.moving.mark import wrong_side
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Settings

Finding = tuple[bool, str]


def check(settings: Settings) -> int:
    """Look at data, disk and the running gateway, and print what was found."""
    findings = [
        *_moved(settings),
        *_data(settings),
        *asyncio.run(_engines(settings)),
        *_gateway(settings),
    ]
    for good, words in findings:
        print(f"{'ok  ' if good else 'LOOK'}  {words}")
    return 0 if all(good for good, _ in findings) else 1


def _moved(settings: Settings) -> Iterator[Finding]:
    if words := wrong_side(settings):
        yield False, words


def _data(settings: Settings) -> Iterator[Finding]:
    if settings.on_postgres:
        yield _bus(settings)
        yield from asyncio.run(_servers_databases(settings))
        return
    if not settings.data.is_dir():
        yield False, f"{settings.data} does not exist yet: start with `rapport up`"
        return
    yield _bus(settings)
    for name in NAMES:
        yield _intact(settings.database_path(name))
    for name in NAMES:
        yield from _parked(name, settings.database_path(name))


def _bus(settings: Settings) -> Finding:
    if settings.bus_url.startswith("embedded:"):
        return _intact(settings.bus_path)
    try:
        asyncio.run(_opened(open_bus(settings.bus_url, settings.env)))
    except (BusUnusable, WrongSetting, EngineUnavailable) as error:
        return False, f"bus: {error}"
    return True, "bus: Kafka answers and has all topics"


async def _opened(bus: Bus) -> None:
    await bus.start()
    await bus.close()


def _intact(path: Path) -> Finding:
    if not path.is_file():
        return False, f"{path.name} is missing"
    try:
        with contextlib.closing(_open(path)) as connection:
            word = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        word = str(error)
    size = path.stat().st_size / 1e6
    return word == "ok", f"{path.name}: {'intact' if word == 'ok' else word} ({size:.1f} MB)"


def _parked(name: str, path: Path) -> Iterator[Finding]:
    if not path.is_file():
        return
    with contextlib.closing(_open(path)) as connection, contextlib.suppress(sqlite3.DatabaseError):
        parked = connection.execute("SELECT count(*) FROM parked_messages").fetchone()[0]
        waiting = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        yield _waiting(name, parked, waiting)


async def _servers_databases(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(*(_on_the_server(settings, name) for name in NAMES)))


async def _on_the_server(settings: Settings, name: str) -> Finding:
    """One database of PostgreSQL: there, migrated, and what waits in it."""
    service = load(name)
    db = open_database(settings.database_url(name), service.metadata, name=name)
    try:
        await db.start()
        if not await db.read(is_new_enough, service.migrations):
            return False, f"{name}: the database is not migrated: run “rapport databases apply”"
        return _waiting(name, *await db.read(_counted, db.tables))
    except (EngineUnfit, EngineUnavailable) as error:
        return False, f"{name}: {error}"
    finally:
        await db.close()


def _counted(conn: Connection, tables: ChassisTables) -> tuple[int, int]:
    parked, outbox = (select(func.count()).select_from(one) for one in (tables.parked, tables.outbox))
    return conn.execute(parked).scalar_one(), conn.execute(outbox).scalar_one()


def _waiting(name: str, parked: int, unpublished: int) -> Finding:
    return parked == 0, f"{name}: {parked} parked messages, {unpublished} changes not yet published"


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)


async def _blobs(settings: Settings) -> Finding:
    try:
        blobs = open_blobs(settings.blob_url, settings.env)
        await blobs.start()
        await blobs.close()
    except (WrongSetting, EngineUnfit, EngineUnavailable) as error:
        return False, f"blobs: {error}"
    return True, f"blobs: {settings.blob_url.partition('?')[0]} answers and can be written"


async def _engines(settings: Settings) -> list[Finding]:
    """The disk, the blob store of S3, and what the services would open of their own, each looked at."""
    found = [(seen.ok, f"{seen.name}: {seen.detail}") for seen in await look_at({"disk": Disk(settings.data)})]
    found += [await _blobs(settings)] if settings.blob_url.startswith("s3:") else []
    for name in NAMES:
        opening = load(name).adapters
        try:
            adapters = opening(settings.env, str(settings.data)) if opening else {}
        except WrongSetting as wrong:
            found.append((False, f"{name}: {wrong}"))
            continue
        if adapters:
            await _introduced(settings, name, adapters)
        found += [(seen.ok, f"{seen.name}: {seen.detail}") for seen in await look_at(adapters)]
        for adapter in adapters.values():
            await adapter.close()
    return found


async def _introduced(settings: Settings, name: str, adapters: Mapping[str, Adapter]) -> None:
    """Tell a service's adapters whose they are; what they find wrong with it they say when they are looked at."""
    service = load(name)
    if service.introduce is None or not (settings.on_postgres or settings.database_path(name).is_file()):
        return
    db = open_database(settings.database_url(name), service.metadata, name=name)
    with contextlib.suppress(
        EngineUnfit, EngineUnavailable, DBAPIError
    ):  # what is wrong with the database is said as well
        try:
            await db.start()
            await service.introduce(db, adapters)
        finally:
            await db.close()


def _gateway(settings: Settings) -> Iterator[Finding]:
    url = f"http://{settings.host}:{settings.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            yield True, f"gateway: ready at {url} {_words(answer.read())}"
    except urllib.error.HTTPError as error:
        yield False, f"gateway: not ready {_words(error.read())}"
    except (urllib.error.URLError, OSError):
        yield True, f"gateway: not running at {url}"


def _words(body: bytes) -> str:
    with contextlib.suppress(ValueError):
        return json.dumps(json.loads(body))[:500]
    return ""
