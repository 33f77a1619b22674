"""What a backup of the engines refuses; that it is one instant is shown under load by tests/chaos/test_restore.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rapport_chassis.blobs import Blobs, open_blobs
from rapport_chassis.postgres_engine import BEING_FILLED
from rapport_host.backing import command, instant
from rapport_host.backing.command import backup
from rapport_host.backing.engines import ends_of
from rapport_host.settings import Misconfigured, Settings, read_settings
from rapport_testkit.topology import engines_of

_INSERT = "INSERT INTO outbox (topic, keys, at) VALUES ('customers.customer.v1', '[\"c\"]', 0)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation on the engines that nobody has started yet."""
    return read_settings({"RAPPORT_DATA": str(tmp_path / "data")} | engines_of(tmp_path / "data"))


@pytest.fixture
def customers(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(settings.database_url("customers")) as connection:
        yield connection


def backed_up(settings: Settings, to: Path) -> int:
    with ThreadPoolExecutor(1) as pool:  # the test has an event loop of its own
        return pool.submit(backup, settings, to).result()


@contextlib.asynccontextmanager
async def bucket(settings: Settings) -> AsyncIterator[Blobs]:
    blobs = open_blobs(settings.blob_url, settings.env)
    try:
        yield blobs
    finally:
        await blobs.close()


async def test_a_blob_that_is_removed_after_the_instant_is_in_the_backup_and_so_is_one_that_had_just_come(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of the instant its import was there, and it comes back with its file."""

    async def at_the_instant(bus: Any) -> Any:
        ends = await ends_of(bus)
        async with bucket(settings) as blobs:
            await blobs.put("imports/late/file", b"late")
            await blobs.delete_prefix("imports/gone/")
        return ends

    async with bucket(settings) as blobs:
        await blobs.put("imports/gone/file", b"gone")
    monkeypatch.setattr(instant, "ends_of", at_the_instant)
    assert await asyncio.to_thread(backup, settings, tmp_path / "backup") == 0
    files = tmp_path / "backup" / "blobs" / "imports"
    assert {one.parent.name: one.read_bytes() for one in files.rglob("file")} == {"gone": b"gone", "late": b"late"}


def test_who_is_written_to_without_a_pause_is_not_held_up(
    settings: Settings, customers: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Nothing is half there, and the others were let go."""
    monkeypatch.setattr(instant, "_TRIES", 2)
    customers.execute(_INSERT)
    assert backed_up(settings, tmp_path / "backup") == 75
    assert "could not be held still" in capsys.readouterr().err
    assert not (tmp_path / "backup").exists()
    with psycopg.connect(settings.database_url("identity"), options="-c lock_timeout=1s") as identity:
        identity.execute(_INSERT)
        identity.rollback()
    customers.commit()
    assert backed_up(settings, tmp_path / "backup") == 0
    customers.execute(_INSERT)


def test_a_copy_that_took_longer_than_what_it_copies_is_kept_is_no_backup(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ADR 0166."""
    monkeypatch.setattr(command, "BACKUP_WITHIN", timedelta(0))
    with pytest.raises(Misconfigured, match="took longer than an hour"):
        backed_up(settings, tmp_path / "backup")
    assert not [one for one in tmp_path.iterdir() if "backup" in one.name]


def test_a_database_that_a_migration_fills_is_not_backed_up(
    settings: Settings, customers: psycopg.Connection[Any], tmp_path: Path
) -> None:
    customers.execute(f"COMMENT ON TABLE outbox IS '{BEING_FILLED}m1'")
    customers.commit()
    with pytest.raises(Misconfigured, match="the database of customers is being filled by the migration m1"):
        backed_up(settings, tmp_path / "backup")


def test_a_database_of_another_version_is_not_backed_up(
    settings: Settings, customers: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """It may have columns that this version would leave out."""
    customers.execute("UPDATE alembic_version SET version_num = '9999'")
    customers.commit()
    with pytest.raises(Misconfigured, match="the database of customers is of another version of Rapport"):
        backed_up(settings, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
