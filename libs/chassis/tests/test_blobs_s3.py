"""S3 does what every blob store does; away, silent, killed and wrongly set up are told apart, and nothing is half there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import boto3
import pytest

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.blobs import BlobMissing, open_blobs
from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_chassis.s3 import S3Blobs
from rapport_chassis.s3_settings import S3Settings
from rapport_testkit.blobs_conformance import BlobsConformance, BlobsUnderTest, large
from rapport_testkit.engines import Engine, running, start
from rapport_testkit.engines.ports import free_port
from rapport_testkit.engines.s3 import BUCKET, CREDENTIALS
from rapport_testkit.engines.s3 import start as start_s3

_prefixes = count()


class TestS3(BlobsConformance):
    @pytest.fixture
    def under_test(self) -> BlobsUnderTest:
        prefix = f"test-{os.getpid()}-{next(_prefixes)}"
        return BlobsUnderTest(running("s3").url.replace("?", f"/{prefix}?"), CREDENTIALS)

    async def test_a_folder_may_hold_more_than_a_request_removes(
        self, blobs: S3Blobs, under_test: BlobsUnderTest
    ) -> None:
        for first in range(0, 1_050, 50):
            await asyncio.gather(*(blobs.put(f"many/{number}", b"x") for number in range(first, first + 50)))
        await blobs.delete_prefix("many/")
        assert under_test.keys() == []

    async def test_many_processes_start_at_once(self, under_test: BlobsUnderTest) -> None:
        """Each writes and removes the same object, to see that it may."""
        many = [S3Blobs(S3Settings.from_url(under_test.url, CREDENTIALS)) for _ in range(6)]
        for _ in range(25):
            await asyncio.gather(*(one.start() for one in many))
        await asyncio.gather(*(one.close() for one in many))
        assert under_test.keys() == []

    async def test_a_blob_that_several_remove_at_once_is_gone(self, blobs: S3Blobs, under_test: BlobsUnderTest) -> None:
        for number in range(50):
            await blobs.put(f"a/{number}", b"x")
            await asyncio.gather(*(blobs.delete(f"a/{number}") for _ in range(4)))
        assert under_test.keys() == []


@pytest.fixture
def own() -> Iterator[Engine]:
    """A server that this test may stop and kill."""
    engine = start("s3")
    yield engine
    engine.stop()


@pytest.fixture
async def blobs(own: Engine) -> AsyncIterator[S3Blobs]:
    """A store on it that waits for a second only."""
    opened = S3Blobs(replace(S3Settings.from_url(own.url, CREDENTIALS), silence_seconds=1))
    await opened.start()
    yield opened
    await opened.close()


async def test_a_server_that_says_nothing_is_away_until_it_speaks_again(own: Engine, blobs: S3Blobs) -> None:
    await blobs.put("a", b"x")
    assert own.server
    with own.server.silent():
        async with asyncio.timeout(30):
            with pytest.raises(EngineUnavailable):
                await blobs.get("a")
            with pytest.raises(EngineUnavailable):
                await blobs.put("b", b"y")
    assert await blobs.get("a") == b"x"


async def test_an_upload_during_which_the_server_dies_is_told_and_never_seen(own: Engine, blobs: S3Blobs) -> None:
    await blobs.put("a", b"x")
    assert own.server
    port = int(own.url.rpartition(":")[2])

    async def cut_off() -> AsyncIterator[bytes]:
        async for chunk in large(20):
            yield chunk
        assert own.server
        os.kill(own.server.pid(), signal.SIGKILL)
        async for chunk in large(20):
            yield chunk

    with pytest.raises(EngineUnavailable):
        await blobs.put("imports/1/file", cut_off())
    again = start_s3(port, own.server.folder)
    with pytest.raises(BlobMissing):
        await blobs.get("imports/1/file")
    assert await blobs.get("a") == b"x"
    await blobs.put("imports/1/file", large(20))
    assert await blobs.size("imports/1/file") == 20 << 20
    again.stop()


@pytest.mark.parametrize(
    ("change", "env", "words"),
    [
        ((f"{BUCKET}?", "nobodys?"), CREDENTIALS, "there is no such bucket"),
        (("", ""), CREDENTIALS | {"AWS_SECRET_ACCESS_KEY": "wrong"}, "it does not know us"),
        (("", ""), CREDENTIALS | {"AWS_ACCESS_KEY_ID": "nobody"}, "No user exists"),
    ],
)
async def test_what_a_person_must_change_is_refused_at_the_start(
    change: tuple[str, str], env: dict[str, str], words: str
) -> None:
    blobs = open_blobs(running("s3").url.replace(*change), env)
    with pytest.raises(EngineUnfit, match=words) as refused:
        await blobs.start()
    await blobs.close()
    assert env["AWS_SECRET_ACCESS_KEY"] not in str(refused.value)


async def test_without_credentials_it_is_said_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda _self: None)
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _self: None)
    blobs = open_blobs(running("s3").url)
    with pytest.raises(EngineUnfit, match="set AWS_ACCESS_KEY_ID"):
        await blobs.start()
    await blobs.close()


async def test_a_server_that_is_not_there_is_away_at_the_start() -> None:
    blobs = open_blobs(f"s3://{BUCKET}?endpoint=http://127.0.0.1:{free_port()}", CREDENTIALS)
    async with asyncio.timeout(15):
        with pytest.raises(EngineUnavailable):
            await blobs.start()
    await blobs.close()


@pytest.mark.parametrize(
    "url",
    [
        *("s3:", "s3://", "s3:///prefix", "s3://user:secret@bucket", "s3://bucket:9000/x", "s3://bucket/../x"),
        *(
            "s3://bucket?ssl=no",
            "s3://bucket?endpoint=",
            "s3://bucket?endpoint=host:9000",
            "s3://b?endpoint=ftp://host",
        ),
    ],
)
def test_a_url_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="RAPPORT_BLOB_URL") as refused:
        open_blobs(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "bucket", "prefix", "region"),
    [
        ("s3://crm", "crm", "", None),
        ("s3://crm/", "crm", "", None),
        ("s3://crm/a//b?region=eu-west-1", "crm", "a/b/", "eu-west-1"),
    ],
)
def test_a_url_says_bucket_prefix_and_region(url: str, bucket: str, prefix: str, region: Any) -> None:
    found = S3Settings.from_url(url, {})
    assert (found.bucket, found.prefix, found.region) == (bucket, prefix, region)
