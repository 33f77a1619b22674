"""A full disk is told as what it is by everything that writes; nothing is half there, and it goes on when there is room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, func, insert, select

from rapport_chassis.adapters import look_at
from rapport_chassis.blobs import BlobMissing, open_blobs
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.db import DiskFull, Tx, open_database
from rapport_chassis.disk import Disk
from rapport_chassis.poison import attempt
from rapport_testkit.bus_conformance import append, contents, read_all, record
from rapport_testkit.engines import Engine, start
from rapport_testkit.engines.s3 import CREDENTIALS
from rapport_testkit.small_disk import fill, make_room, small_disk

MEBIBYTE = 1 << 20
metadata = MetaData()
texts = Table("texts", metadata, Column("n", Integer, primary_key=True), Column("text", Text))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 8) as folder:
        yield folder


def put(tx: Tx, n: int, size: int = 20_000) -> int:
    tx.conn.execute(insert(texts), {"n": n, "text": "x" * size})
    return n


def put_dense(tx: Tx, n: int) -> int:
    """What no server makes smaller, and more than it has room for beside its log."""
    tx.conn.execute(insert(texts), {"n": n, "text": secrets.token_hex(20_000_000)})
    return n


def counted(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(texts)).scalar_one()


async def test_what_does_not_fit_into_the_database_is_refused_whole_and_later_taken(disk: Path) -> None:
    db = open_database(f"sqlite:///{disk / 'one.sqlite'}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))
    await db.write(put, 1)
    fill(disk)
    together = await asyncio.gather(*(db.write(put, n) for n in range(2, 6)), return_exceptions=True)
    assert {type(one) for one in together} == {DiskFull}
    assert await db.read(counted) == 1
    make_room(disk)
    assert await db.write(put, 2) == 2
    assert await db.read(counted) == 2
    await db.close()


async def test_an_effect_that_finds_no_room_is_no_poison(disk: Path) -> None:
    """It is larger than SQLite's cache, so that it meets the full disk before the commit does, inside of the attempt."""
    db = open_database(f"sqlite:///{disk / 'one.sqlite'}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))

    def large(tx: Tx) -> object:
        return attempt(tx, lambda tx, _: [put(tx, n, MEBIBYTE) for n in range(30)] and None, [])

    failed, beside = await asyncio.gather(db.write(large), db.write(put, 99), return_exceptions=True)
    assert isinstance(failed, DiskFull)
    assert (await db.read(counted), isinstance(beside, DiskFull)) in {(1, False), (0, True)}
    assert await db.write(put, 100) == 100
    await db.close()


async def test_the_embedded_bus_takes_all_of_an_append_or_nothing(disk: Path) -> None:
    bus = open_bus(f"embedded:{disk / 'bus.sqlite'}")
    await bus.start()
    await append(bus, [record("one", 1)])
    fill(disk)
    with pytest.raises(DiskFull):
        await append(bus, [record("two", n) for n in range(2_000)])
    assert contents(await read_all(bus)) == [("one", "1")]
    make_room(disk)
    await append(bus, [record("two", 2)])
    assert contents(await read_all(bus)) == [("one", "1"), ("two", "2")]
    await bus.close()


async def test_a_blob_that_does_not_fit_leaves_nothing_behind(disk: Path) -> None:
    blobs = open_blobs(f"file:{disk / 'blobs'}")
    await blobs.start()

    async def stream() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * MEBIBYTE

    for content in (b"x" * 20 * MEBIBYTE, stream()):
        with pytest.raises(DiskFull, match="the blob a/b"):
            await blobs.put("a/b", content)
        with pytest.raises(BlobMissing):
            await blobs.get("a/b")
        assert [path for path in disk.rglob("*") if path.is_file()] == []
    assert await blobs.put("a/b", b"x" * MEBIBYTE) == MEBIBYTE


async def test_operators_are_told_before_it_is_full(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport_chassis.disk.LOW_BYTES", 4 * MEBIBYTE)
    (seen,) = await look_at({"disk": Disk(disk / "not-made-yet")})
    assert (seen.ok, seen.detail) == (True, "0.0 GB free")
    fill(disk, 3 * MEBIBYTE)
    (seen,) = await look_at({"disk": Disk(disk)})
    assert not seen.ok


@contextlib.contextmanager
def on_a_small_disk(name: str, megabytes: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Path]]:
    """An engine with its folder on a disk, below a short path: sockets want one."""
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk", megabytes) as disk:
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(disk))
            engine = start(name)
        yield engine, disk
        engine.stop()


async def test_postgresql_on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_a_small_disk("postgres", 200, monkeypatch) as (server, disk):
        db = open_database(server.url, metadata)
        await db.start()
        await db.write(lambda tx: metadata.create_all(tx.conn))
        await db.write(put, 1)
        fill(disk)
        with pytest.raises(DiskFull, match="No space left on device"):
            await db.write(put_dense, 2)
        kept = await db.read(counted)
        make_room(disk)
        await db.write(put_dense, 100)
        assert await db.read(counted) == kept + 1
        await db.close()


async def test_s3_on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_a_small_disk("s3", 20, monkeypatch) as (server, disk):
        blobs = open_blobs(server.url, CREDENTIALS)
        await blobs.start()
        fill(disk, 100_000)
        with pytest.raises(DiskFull, match="it has no room for PutObject"):
            await blobs.put("a", b"x" * MEBIBYTE)
        make_room(disk)
        assert await blobs.put("a", b"x" * MEBIBYTE) == MEBIBYTE
        await blobs.close()


async def test_an_error_of_the_files_that_is_another_stays_what_it_is(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path / 'blobs'}")
    await blobs.start()
    (tmp_path / "blobs" / "a").write_text("a file where a folder is wanted")
    with pytest.raises(OSError, match=os.strerror(17)):
        await blobs.put("a/b", b"x")
