"""Blobs as objects of a bucket (S3 by boto3): the scaled-out adapter of the blob store port.

boto3 waits, so each request has a thread of a small pool. Objects appear whole: S3 shows nothing of an upload before its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from botocore.exceptions import IncompleteReadError, ResponseStreamingError

from rapport_chassis.blobs import checked_key, checked_prefix
from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_chassis.s3_errors import Refused, told
from rapport_chassis.s3_settings import THREADS, S3Settings

PART: Final = 8 << 20  # S3 takes 10,000 parts of at least 5 MiB
_PIECE: Final = 4 << 20
_READS: Final = 3
_PROBE: Final = ".probe"
T = TypeVar("T")


class S3Blobs:
    """Blobs below a prefix of a bucket. Of a blob that streams in or out, a few parts are in memory, whatever its size."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")

    async def start(self) -> None:
        """See that the bucket is there, and that we may list, write and remove in it."""
        try:
            await self._ask(self._probe)
        except Refused as refused:
            raise EngineUnfit(str(refused)) from refused

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.to_thread(self._pool.shutdown)
        if "_s3" in self.__dict__:
            self._s3.close()

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> int:
        """One request for what fits into a part, otherwise an upload of several that is visible when it is complete."""
        name = self._name(key)
        if isinstance(content, bytes):
            return await self._put(name, content)
        parts = _parts(content)
        first = await anext(parts, b"")
        if len(first) < PART:
            return await self._put(name, first)
        return await self._put_parts(name, first, parts)

    async def get(self, key: str) -> bytes:
        """The whole content."""
        return await self._ask(partial(self._read, self._name(key)), key)

    async def size(self, key: str) -> int:
        """The size of the object."""
        size: int = (await self._head(key))["ContentLength"]
        return size

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The content in pieces of 4 MiB, each a request of its own: a slow reader holds no connection."""
        head, name, at = await self._head(key), self._name(key), 0
        while at < head["ContentLength"]:
            piece = {"Range": f"bytes={at}-{at + _PIECE - 1}", "IfMatch": head["ETag"]}
            content = await self._ask(partial(self._read, name, **piece), key)
            at += len(content)
            yield content

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A copy without a name in any folder, so that it goes with this process however that ends."""
        with tempfile.TemporaryFile() as file:
            async for piece in self.open(key):
                await asyncio.to_thread(file.write, piece)
            file.flush()
            yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")

    async def delete(self, key: str) -> None:
        """Remove the object."""
        await self._ask(partial(self._remove_one, self._object(self._name(key))))

    async def delete_prefix(self, prefix: str) -> None:
        """Remove all objects below, a thousand a request, and give up the uploads of processes that were killed."""
        await self._ask(partial(self._remove_below, self._settings.prefix + checked_prefix(prefix)))

    @cached_property
    def _s3(self) -> Any:
        with told(self._settings.shown):
            return self._settings.client()

    def _name(self, key: str) -> str:
        return self._settings.prefix + checked_key(key)

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self._settings.bucket, "Key": name}

    async def _ask(self, request: Callable[[], T], key: str = "") -> T:
        """Do it in a thread. Who is cancelled waits for its end, so that nothing is written after the tidying up."""
        asked = asyncio.get_running_loop().run_in_executor(self._pool, request)
        with told(self._settings.shown, key):
            try:
                return await asyncio.shield(asked)
            except asyncio.CancelledError:
                await asyncio.wait([asked])
                asked.exception()
                raise

    async def _head(self, key: str) -> Any:
        return await self._ask(partial(self._s3.head_object, **self._object(self._name(key))), key)

    async def _put(self, name: str, content: bytes) -> int:
        await self._ask(partial(self._s3.put_object, **self._object(name), Body=content))
        return len(content)

    async def _put_parts(self, name: str, first: bytes, more: AsyncIterator[bytes]) -> int:
        begun = await self._ask(partial(self._s3.create_multipart_upload, **self._object(name)))
        upload = self._object(name) | {"UploadId": begun["UploadId"]}
        try:
            size, parts = len(first), [await self._put_part(upload, 1, first)]
            async for content in more:
                size += len(content)
                parts.append(await self._put_part(upload, len(parts) + 1, content))
            await self._ask(partial(self._s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts}))
        except BaseException:
            with contextlib.suppress(EngineUnavailable):  # it goes with the rest of its folder
                await self._ask(partial(self._s3.abort_multipart_upload, **upload))
            raise
        return size

    async def _put_part(self, upload: dict[str, str], number: int, content: bytes) -> dict[str, Any]:
        done = await self._ask(partial(self._s3.upload_part, **upload, PartNumber=number, Body=content))
        return {"PartNumber": number, "ETag": done["ETag"]}

    def _read(self, name: str, **piece: str) -> bytes:
        """One answer with its body; asked again when that breaks off, which botocore leaves to us."""
        for attempt in range(1, _READS + 1):
            try:
                body = self._s3.get_object(**self._object(name), **piece)["Body"]
                with contextlib.closing(body):
                    content: bytes = body.read()
                    return content
            except (IncompleteReadError, ResponseStreamingError):
                if attempt == _READS:
                    raise
        raise AssertionError

    def _remove_below(self, prefix: str) -> None:
        where = {"Bucket": self._settings.bucket, "Prefix": prefix}
        for page in self._s3.get_paginator("list_multipart_uploads").paginate(**where):
            for one in page.get("Uploads", ()):
                self._s3.abort_multipart_upload(**self._object(one["Key"]), UploadId=one["UploadId"])
        for page in self._s3.get_paginator("list_objects_v2").paginate(**where):
            if names := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
                self._remove(names)

    def _remove(self, names: list[dict[str, str]]) -> None:
        objects = {"Objects": names, "Quiet": True}
        done = self._s3.delete_objects(Bucket=self._settings.bucket, Delete=objects)
        if left := done.get("Errors"):
            raise EngineUnavailable(f"S3: {self._settings.shown}: {len(left)} objects stay: {left[0]['Code']}")

    def _remove_one(self, place: dict[str, str]) -> None:
        """Some servers say of an object that another process removes in this moment that it is not there: then it is gone."""
        with contextlib.suppress(self._s3.exceptions.NoSuchKey):
            self._s3.delete_object(**place)

    def _probe(self) -> None:
        self._s3.list_objects_v2(Bucket=self._settings.bucket, Prefix=self._settings.prefix, MaxKeys=1)
        probe = self._object(self._settings.prefix + _PROBE)
        self._s3.put_object(**probe, Body=b"")
        self._remove_one(probe)


async def _parts(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in parts of `PART`, the last one shorter."""
    waiting = bytearray()
    async for chunk in content:
        waiting += chunk
        while len(waiting) >= PART:
            with memoryview(waiting) as view:
                part = bytes(view[:PART])
            del waiting[:PART]
            yield part
    if waiting:
        yield bytes(waiting)
