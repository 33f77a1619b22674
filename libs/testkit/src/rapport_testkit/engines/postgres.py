"""PostgreSQL of the machine's packages, in a folder of its own; and databases in it that a test gets whole and new.

Nothing is forced to the disk here (`fsync=off`): what is proved about commits is proved by killing the server, not the machine.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from rapport_testkit.engines.cache import program
from rapport_testkit.engines.engine import Engine, EngineMissing
from rapport_testkit.engines.ports import free_port
from rapport_testkit.engines.process import EngineDidNotStart, as_nobody, own_folder, start_server

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "5s",
    "log_min_messages": "fatal",
    "timezone": "UTC",
}


def start() -> Engine:
    """A new PostgreSQL, empty, with the superuser `postgres` and no passwords. Raises `EngineMissing`."""
    programs = _programs()
    folder = own_folder("postgres")
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"]
    made = subprocess.run(
        [*as_nobody(folder), *initdb, "-E", "UTF8", "--locale=C.UTF-8"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise EngineDidNotStart(f"initdb ended with {made.returncode}:\n{made.stderr}")
    port = free_port()
    settings = _SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)}
    command = [str(programs / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    server = start_server("postgres", command, folder=folder, answers=lambda: answers(url), refuses_root=True)
    return Engine("postgres", url, server)


def with_passwords(engine: Engine) -> None:
    """Give a server that was started here a role `rapport`, who needs the password `secret`; the superuser needs none."""
    assert engine.server
    rules = engine.server.folder / "data" / "pg_hba.conf"
    asked = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    rules.write_text(asked + rules.read_text())
    with psycopg.connect(engine.url, autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS rapport")
        server.execute("CREATE ROLE rapport LOGIN CREATEDB PASSWORD 'secret'")
        server.execute("SELECT pg_reload_conf()")
    end = time.monotonic() + 10
    while answers(engine.url.replace("postgres@", "rapport@")):  # the rules are read a moment later
        if time.monotonic() > end:
            raise EngineDidNotStart("the server reads its new rules too late")
        time.sleep(0.01)


def answers(url: str) -> bool:
    """Whether the server lets one in."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    """The folder of the newest server's programs: Debian keeps them off the path, a folder a version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1].parent
    try:
        return Path(program("initdb", "PostgreSQL")).resolve().parent
    except EngineMissing:
        raise EngineMissing("PostgreSQL is not on this machine (Debian: apt-get install postgresql)") from None
