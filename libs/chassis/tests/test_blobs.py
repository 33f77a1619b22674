"""The folder of blobs: whole or not there, never outside its folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport_chassis.blobs import BlobMissing, FolderBlobs


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionError("the upload ended")


async def test_what_is_put_comes_back_and_is_gone_when_deleted(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    assert await blobs.put("a/b", b"one") == 3
    assert await blobs.put("a/c", chunks(b"tw", b"o")) == 3
    assert await blobs.get("a/b") == b"one"
    assert b"".join([part async for part in blobs.open("a/c")]) == b"two"
    assert (await blobs.local_path("a/c")).read_bytes() == b"two"
    await blobs.delete("a/b")
    await blobs.delete("a/b")
    with pytest.raises(BlobMissing):
        await blobs.get("a/b")
    await blobs.delete_prefix("a/")
    with pytest.raises(BlobMissing):
        await blobs.local_path("a/c")


async def test_an_upload_that_breaks_leaves_what_was_there(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.put("a", b"before")
    with pytest.raises(ConnectionError):
        await blobs.put("a", broken())
    assert await blobs.get("a") == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../b", "."])
async def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        await FolderBlobs(tmp_path / "in").put(key, b"x")
