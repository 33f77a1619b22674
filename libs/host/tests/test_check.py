"""`rapport check` says in words what a person should look at, and its exit status says whether there is anything."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rapport_search.adapters.opensearch import OpenSearchEngine, address_of
from rapport_testkit.engines import running
from rapport_testkit.engines.ports import free_port
from rapport_testkit.engines.s3 import CREDENTIALS

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def copy(standing, rapport, tmp_path) -> Path:
    """A consistent copy of the data, at rest."""
    assert rapport("backup", str(tmp_path / "copy"), data=standing.data).returncode == 0
    return tmp_path / "copy"


async def test_a_running_installation_is_in_order(standing, rapport):
    await standing.until_working("worker")
    ended = rapport("check", data=standing.data, RAPPORT_PORT=str(standing.port))
    assert ended.returncode == 0, ended.stdout
    assert "LOOK" not in ended.stdout
    assert "gateway: ready at" in ended.stdout
    assert ended.stdout.count("intact") == 7


def test_what_does_not_run_is_said_and_is_no_fault(copy, rapport):
    ended = rapport("check", data=copy, RAPPORT_PORT=str(free_port()))
    assert ended.returncode == 0, ended.stdout
    assert "gateway: not running at" in ended.stdout


def test_an_engine_that_is_away_is_to_be_looked_at(copy, rapport):
    port = free_port()
    url = f"opensearch://rapport:secret@127.0.0.1:{port}"
    ended = rapport("check", data=copy, RAPPORT_PORT=str(free_port()), RAPPORT_SEARCH_URL=url)
    assert ended.returncode == 1
    assert f"LOOK  search engine: OpenSearch at 127.0.0.1:{port} does not answer" in ended.stdout
    assert "secret" not in ended.stdout


def test_a_search_url_that_cannot_be_is_said_by_check_and_refused_at_the_start(copy, rapport):
    wrong = {"RAPPORT_SEARCH_URL": "opensearch://127.0.0.1?sharts=2", "RAPPORT_PORT": str(free_port())}
    words = "RAPPORT_SEARCH_URL: it takes ca, prefix, shards and connections, not sharts"
    ended = rapport("check", data=copy, **wrong)
    assert (ended.returncode, f"LOOK  search: {words}" in ended.stdout) == (1, True)
    ended = rapport("serve", "search", "--role", "worker", data=copy, **wrong)
    assert (ended.returncode, words in ended.stderr) == (78, True)


async def test_indexes_of_another_installation_are_told_and_left_alone(copy, rapport):
    url = f"{running('opensearch').url}?prefix=shared{os.getpid()}"
    theirs = OpenSearchEngine(address_of(url))
    await theirs.claim("another")
    await theirs.create("customers-theirs")
    env = {"RAPPORT_SEARCH_URL": url, "RAPPORT_PORT": str(free_port())}
    words = "is another installation's: give this one a prefix of its own"
    looked = await asyncio.to_thread(rapport, "check", data=copy, **env)
    for command in (["up"], ["serve", "search", "--role", "worker"]):
        ended = await asyncio.to_thread(rapport, *command, data=copy, **env)
        assert (ended.returncode, words in ended.stderr, "Traceback" in ended.stderr) == (78, True, False)
    assert await theirs.names() == ["customers-theirs"]
    await theirs.drop("customers-theirs")
    await theirs.close()
    assert (looked.returncode, "LOOK  search engine: " in looked.stdout, words in looked.stdout) == (1, True, True)


def test_a_bucket_is_looked_at_and_what_is_wrong_with_it_refused_at_the_start(copy, rapport):
    there = running("s3").url
    ports = {"RAPPORT_PORT": str(free_port())}
    ended = rapport("check", data=copy, RAPPORT_BLOB_URL=there, **CREDENTIALS, **ports)
    assert (ended.returncode, "ok    blobs: s3://rapport answers and can be written" in ended.stdout) == (0, True)
    for url, secret, status, words in (
        (there, "wrong", 78, "it does not know us: correct AWS_ACCESS_KEY_ID"),
        (there.replace("rapport?", "nobodys?"), None, 78, "there is no such bucket"),
        ("s3://rapport?endpont=x", None, 78, "it takes endpoint and region, not endpont"),
        (f"s3://rapport?endpoint=http://127.0.0.1:{free_port()}", None, 75, "Could not connect"),
    ):
        env = {**CREDENTIALS, **ports, "RAPPORT_BLOB_URL": url}
        env |= {"AWS_SECRET_ACCESS_KEY": secret or env["AWS_SECRET_ACCESS_KEY"]}
        ended = rapport("check", data=copy, **env)
        assert (ended.returncode, "LOOK  blobs: " in ended.stdout, words in ended.stdout) == (1, True, True), url
        ended = rapport("serve", "import", "--role", "worker", data=copy, **env)
        assert (ended.returncode, words in ended.stderr) == (status, True), ended.stderr


def test_parked_messages_are_to_be_looked_at(copy, rapport):
    with closing(sqlite3.connect(copy / "logging.sqlite")) as connection, connection:
        connection.execute(
            'INSERT INTO parked_messages (id, consumer, topic, partition, "offset", key, value, error, at)'
            " VALUES ('p', 'logging.customer-events', 't', 0, 1, 'k', x'00', 'KeyError', 0)"
        )
    ended = rapport("check", data=copy, RAPPORT_PORT=str(free_port()))
    assert ended.returncode == 1
    assert "LOOK  logging: 1 parked messages" in ended.stdout


def test_a_damaged_or_missing_file_is_named(copy, rapport):
    path = copy / "customers.sqlite"
    content = path.read_bytes()
    path.write_bytes(b"not a database, but as long" + content[27:])
    (copy / "import.sqlite").unlink()
    ended = rapport("check", data=copy, RAPPORT_PORT=str(free_port()))
    assert ended.returncode == 1
    assert "LOOK  customers.sqlite: file is not a database" in ended.stdout
    assert "LOOK  import.sqlite is missing" in ended.stdout


def test_a_folder_that_is_not_there_says_how_to_begin(rapport, tmp_path):
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    ended = rapport("check", data=tmp_path / "none", RAPPORT_PORT=str(free_port()))
    assert ended.returncode == 1
    assert "start with `rapport up`" in ended.stdout
