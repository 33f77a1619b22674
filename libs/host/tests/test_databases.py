"""The services on PostgreSQL: made by `rapport databases apply`, looked at by `rapport check`, refused with a clear word."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from rapport_host.roles import NAMES
from rapport_host.settings import Misconfigured, read_settings
from rapport_testkit.engines import running
from rapport_testkit.engines.ports import free_port

SECRET = "seven-grey-lamps"


@pytest.fixture
def url() -> Iterator[str]:
    """Databases that are not there yet; dropped at the end."""
    server = running("postgres").url
    prefix = f"host_{os.getpid()}_"
    yield f"{server.rpartition('/')[0]}/{prefix}{{service}}"
    with psycopg.connect(server, autocommit=True) as connection:
        for name in NAMES:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(prefix + name)))


def test_sqlite_has_nothing_to_apply(rapport, tmp_path: Path):
    ended = rapport("databases", "apply", data=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "RAPPORT_DATABASE_URL names no PostgreSQL" in ended.stderr


@pytest.mark.timeout(240)
def test_databases_are_missed_then_made_once_and_looked_at(rapport, tmp_path: Path, url: str):
    env = {"RAPPORT_DATABASE_URL": url, "RAPPORT_PORT": str(free_port())}
    refused = rapport("serve", "customers", "--role", "worker", data=tmp_path, **env)
    assert refused.returncode == 78
    assert "does not exist" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "LOOK  customers: " in rapport("check", data=tmp_path, **env).stdout

    made = rapport("databases", "apply", data=tmp_path, **env)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[:-1] == [f"made the database of {name}" for name in NAMES]
    again = rapport("databases", "apply", data=tmp_path, **env)
    assert (again.returncode, again.stdout) == (0, "all databases are there and migrated\n")

    looked = rapport("check", data=tmp_path, **env).stdout
    for name in NAMES:
        assert f"ok    {name}: 0 parked messages, " in looked
    backup = rapport("backup", str(tmp_path / "copy"), data=tmp_path, **env)
    assert backup.returncode == 0, backup.stderr
    assert {f"{name}.sqlite" for name in (*NAMES, "bus")} <= {one.name for one in (tmp_path / "copy").iterdir()}


def test_a_database_that_is_not_migrated_or_of_another_order_is_told(rapport, tmp_path: Path, url: str):
    name = url.rpartition("/")[2].format(service="customers")
    env = {"RAPPORT_DATABASE_URL": url, "RAPPORT_PORT": str(free_port())}
    with psycopg.connect(running("postgres").url, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C'").format(Identifier(name)))
        assert "LOOK  customers: the database is not migrated" in rapport("check", data=tmp_path, **env).stdout
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        server.execute(
            SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'").format(Identifier(name))
        )
    for command in (("serve", "customers", "--role", "worker"), ("databases", "apply")):
        ended = rapport(*command, data=tmp_path, **env)
        assert ended.returncode == 78
        assert "it must be UTF8 with collation C" in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [("databases", "apply"), ("serve", "customers", "--role", "worker")])
def test_a_server_that_is_away_is_no_wrong_configuration_and_the_password_is_not_shown(rapport, tmp_path, command):
    env = {"RAPPORT_DATABASE_URL": f"postgresql://me:{SECRET}@127.0.0.1:{free_port()}/rapport_{{service}}"}
    ended = rapport(*command, data=tmp_path, **env)
    assert ended.returncode == 75
    assert SECRET not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_password_may_stand_in_its_own_variable():
    env = {"RAPPORT_DATABASE_URL": "postgresql://me@host/r_{service}", "RAPPORT_DATABASE_PASSWORD": "p@ss/word"}
    assert read_settings(env).database_url("search") == "postgresql://me:p%40ss%2Fword@host/r_search"


@pytest.mark.parametrize(
    "url", [f"postgresql://me:{SECRET}@host:x/r_{{service}}", f"postgresql:me:{SECRET}{{service}}"]
)
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url: str):
    with pytest.raises(Misconfigured, match="must be postgresql://") as refused:
        read_settings({"RAPPORT_DATABASE_URL": url})
    assert SECRET not in str(refused.value)


def test_machines_that_share_the_engines_must_share_the_key(rapport, tmp_path: Path):
    env = {"RAPPORT_DATABASE_URL": "postgresql://me@host/r_{service}", "RAPPORT_BUS_URL": "kafka://host:9092"}
    ended = rapport("serve", "customers", "--role", "worker", data=tmp_path, **env)
    assert ended.returncode == 78
    assert "RAPPORT_IDENTITY_KEY is not set" in ended.stderr
