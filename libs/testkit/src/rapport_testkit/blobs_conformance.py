"""What every blob store must do, written once against the port; an adapter's tests subclass `BlobsConformance`."""

# ruff: noqa: D102  the name of a test is its promise

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from rapport_chassis.blobs import BlobMissing, Blobs, open_blobs
from rapport_chassis.db import EngineUnavailable
from rapport_testkit.blob_keys import keys_of, unfinished_in

_HOSTILE = (
    *("", "/", ".", "..", "../outside", "/etc/passwd", "a/../../b", "a/../b", "a//b", "a/", "/a", "a/.", ".a", "a/.b"),
    *("a\\b", "a\0b", "a\nb", "a b", "a%2e%2e/b", "ک", "a" * 129, "a/b/c/d/e/f", "a?versionId=1", "a#b"),
)


@dataclass(frozen=True)
class BlobsUnderTest:
    """How the suite reaches an adapter: one store, empty when the test begins."""

    url: str
    env: Mapping[str, str] = field(default_factory=dict)

    def keys(self) -> list[str]:
        """The keys of all blobs that are visible, sorted."""
        return keys_of(self.url)

    def unfinished(self) -> int:
        """How many puts that never ended take room."""
        return unfinished_in(self.url)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """A stream of these."""
    for part in parts:
        yield part


async def large(mebibytes: int, byte: int = 7) -> AsyncIterator[bytes]:
    """A stream of so much of one byte, in chunks that fit no part."""
    for _ in range(mebibytes):
        yield bytes([byte]) * ((1 << 20) - 1)
        yield bytes([byte])


async def broken(mebibytes: int) -> AsyncIterator[bytes]:
    """A stream that ends badly."""
    async for chunk in large(mebibytes):
        yield chunk
    raise ConnectionError("the upload ended")


class BlobsConformance:
    """Whole or not at all, replaced, streamed, removed, never outside. A subclass gives the fixture `under_test`."""

    @pytest.fixture
    async def blobs(self, under_test: BlobsUnderTest) -> AsyncIterator[Blobs]:
        """The store, started."""
        opened = open_blobs(under_test.url, under_test.env)
        await opened.start()
        yield opened
        await opened.close()

    async def test_what_is_put_comes_back_in_every_way(self, blobs: Blobs) -> None:
        assert await blobs.put("a/b", b"one") == 3
        assert await blobs.put("a/c", chunks(b"tw", b"", b"o")) == 3
        assert (await blobs.get("a/b"), await blobs.get("a/c")) == (b"one", b"two")
        assert await blobs.size("a/c") == 3
        assert b"".join([part async for part in blobs.open("a/c")]) == b"two"
        async with blobs.local("a/c") as path:
            assert path.read_bytes() == b"two"

    async def test_starting_leaves_nothing(self, blobs: Blobs, under_test: BlobsUnderTest) -> None:
        await blobs.start()
        assert under_test.keys() == []

    async def test_a_blob_may_be_empty(self, blobs: Blobs) -> None:
        for content in (b"", chunks(), chunks(b"")):
            assert await blobs.put("empty", content) == 0
            assert (await blobs.get("empty"), await blobs.size("empty")) == (b"", 0)
            assert [part async for part in blobs.open("empty")] == []

    async def test_a_large_one_comes_and_goes_without_being_in_memory(self, blobs: Blobs) -> None:
        tracemalloc.start()
        assert await blobs.put("large", large(64)) == 64 << 20
        seen = 0
        async for part in blobs.open("large"):
            assert part.count(7) == len(part)
            seen += len(part)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert seen == await blobs.size("large") == 64 << 20
        assert peak < 40 << 20, peak

    @pytest.mark.parametrize("mebibytes", [8, 16])
    async def test_sizes_of_whole_parts_are_whole(self, blobs: Blobs, mebibytes: int) -> None:
        assert await blobs.put("whole", large(mebibytes)) == mebibytes << 20
        assert await blobs.size("whole") == mebibytes << 20

    async def test_a_local_file_can_be_read_by_a_child(self, blobs: Blobs) -> None:
        await blobs.put("imports/1/file", large(5))
        async with blobs.local("imports/1/file") as path:
            child = await asyncio.create_subprocess_exec("wc", "-c", path, stdout=subprocess.PIPE)
            said, _ = await child.communicate()
        assert said.split()[0] == str(5 << 20).encode()

    async def test_putting_again_replaces(self, blobs: Blobs) -> None:
        await blobs.put("a", large(20))
        await blobs.put("a", b"short")
        assert await blobs.get("a") == b"short"

    async def test_a_reader_sees_one_content_or_is_told(self, blobs: Blobs) -> None:
        await blobs.put("a", large(20, byte=1))
        seen = set()
        async with aclosing(blobs.open("a")) as parts:  # type: ignore[type-var]
            try:
                async for part in parts:
                    seen |= set(part[:10] + part[-10:])
                    await blobs.put("a", large(20, byte=2))
            except EngineUnavailable:
                pass
        assert seen == {1}

    @pytest.mark.parametrize("mebibytes", [1, 20])
    async def test_a_stream_that_breaks_leaves_what_was_there(
        self, blobs: Blobs, under_test: BlobsUnderTest, mebibytes: int
    ) -> None:
        await blobs.put("a", b"before")
        for key in ("a", "b"):
            with pytest.raises(ConnectionError):
                await blobs.put(key, broken(mebibytes))
        assert await blobs.get("a") == b"before"
        assert (under_test.keys(), under_test.unfinished()) == (["a"], 0)

    async def test_a_cancelled_put_leaves_nothing(self, blobs: Blobs, under_test: BlobsUnderTest) -> None:
        coming = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            async for chunk in large(20):
                yield chunk
            coming.set()
            await asyncio.sleep(60)

        put = asyncio.create_task(blobs.put("a", slowly()))
        await coming.wait()
        put.cancel()
        with pytest.raises(asyncio.CancelledError):
            await put
        assert (under_test.keys(), under_test.unfinished()) == ([], 0)

    async def test_a_process_killed_in_the_middle_shows_nothing_and_its_rest_goes_with_the_folder(
        self, blobs: Blobs, under_test: BlobsUnderTest
    ) -> None:
        command = (sys.executable, "-m", "rapport_testkit.blobs_putter", under_test.url, "imports/1/file")
        env = os.environ | under_test.env
        putter = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env=env)
        assert putter.stdout
        assert await putter.stdout.readline() == b"begun\n"
        putter.kill()
        await putter.communicate()
        assert (under_test.keys(), under_test.unfinished()) == ([], 1)
        with pytest.raises(BlobMissing):
            await blobs.get("imports/1/file")
        await blobs.delete_prefix("imports/2/")
        assert under_test.unfinished() == 1
        await blobs.delete_prefix("imports/1/")
        assert under_test.unfinished() == 0

    async def test_what_is_not_there_is_missing(self, blobs: Blobs) -> None:
        for reading in (blobs.get("no/such"), blobs.size("no/such"), anext(aiter(blobs.open("no/such")))):
            with pytest.raises(BlobMissing):
                await reading
        with pytest.raises(BlobMissing):
            async with blobs.local("no/such"):
                pass

    async def test_what_is_deleted_is_gone_and_may_be_deleted_again(self, blobs: Blobs) -> None:
        await blobs.put("a", b"x")
        await blobs.delete("a")
        await blobs.delete("a")
        with pytest.raises(BlobMissing):
            await blobs.size("a")

    async def test_a_folder_goes_with_all_below_and_nothing_beside(
        self, blobs: Blobs, under_test: BlobsUnderTest
    ) -> None:
        for key in ("a/b", "a/c/d", "ab", "b/a/c", "a-/b"):
            await blobs.put(key, b"x")
        await blobs.delete_prefix("a/")
        await blobs.delete_prefix("nobody/")
        assert under_test.keys() == ["a-/b", "ab", "b/a/c"]

    async def test_what_is_no_key_is_refused_everywhere(self, blobs: Blobs, under_test: BlobsUnderTest) -> None:
        for key in _HOSTILE:
            for asking in (
                *(blobs.put(key, b"x"), blobs.put(key, chunks(b"x")), blobs.get(key), blobs.size(key)),
                *(anext(aiter(blobs.open(key))), blobs.local(key).__aenter__(), blobs.delete(key)),
            ):
                with pytest.raises(ValueError, match="not a blob key"):
                    await asking
        assert under_test.keys() == []

    async def test_only_a_folder_is_emptied(self, blobs: Blobs, under_test: BlobsUnderTest) -> None:
        await blobs.put("a/b", b"x")
        for prefix in ("", "/", "a", "../", "a/../", "./", "a//"):
            with pytest.raises(ValueError, match="not a prefix"):
                await blobs.delete_prefix(prefix)
        assert under_test.keys() == ["a/b"]

    async def test_of_those_who_put_at_once_one_wins_whole(self, blobs: Blobs, under_test: BlobsUnderTest) -> None:
        await blobs.put("a", bytes([0]) * 100_000)
        putting = [asyncio.create_task(blobs.put("a", bytes([number]) * 100_000)) for number in range(1, 9)]
        putting += [asyncio.create_task(blobs.put("a", large(9, byte=number))) for number in (9, 10)]
        while not all(one.done() for one in putting):
            content = await blobs.get("a")
            assert len(set(content)) == 1
            assert len(content) in {100_000, 9 << 20}
        await asyncio.gather(*putting)
        assert (under_test.keys(), under_test.unfinished()) == (["a"], 0)
