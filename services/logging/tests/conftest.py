"""The service standing alone: real database, real bus, and a hand-written customers service that knows who sees whom."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, StaticPool, create_engine, insert

from rapport_chassis import postgres_pipeline
from rapport_chassis.db import Tx
from rapport_chassis.postgres_engine import connect_args, make_engine
from rapport_chassis.tables import chassis_tables
from rapport_logging.bootstrap import SERVICE
from rapport_logging.domain.chain import CHAINS, genesis
from rapport_logging.store.tables import chain_heads, metadata
from rapport_testkit.databases import on_real_engines, postgres_url
from rapport_testkit.service import Standing, running
from rapport_testkit.timeline import NOW, CustomersFake

Fresh = Callable[[], contextlib.AbstractContextManager[Connection]]


@pytest.fixture
def customers() -> CustomersFake:
    return CustomersFake()


@pytest.fixture
async def it(tmp_path: Path, customers: CustomersFake) -> AsyncIterator[Standing]:
    async with running(SERVICE, tmp_path, peers={"customers": customers.app()}, clock=customers.clock) as standing:
        yield standing


@pytest.fixture
def client(it: Standing) -> httpx.AsyncClient:
    return it.client()


@pytest.fixture
def tx(fresh: Fresh) -> Iterator[Tx]:
    """A transaction on an empty database."""
    with fresh() as conn:
        yield Tx(conn, NOW, chassis_tables(metadata))


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """Gives a transaction on an empty database, one at a time: what was written is rolled back."""
    conn = _on_postgres(tmp_path_factory.mktemp("fresh")) if on_real_engines() else _in_memory()

    @contextlib.contextmanager
    def empty() -> Iterator[Connection]:
        conn.exec_driver_sql("BEGIN")
        try:
            yield conn
        finally:
            conn.rollback()

    yield empty
    conn.close()
    conn.engine.dispose()


def _in_memory() -> Connection:
    conn = create_engine("sqlite://", poolclass=StaticPool, isolation_level="AUTOCOMMIT").connect()
    metadata.create_all(conn)
    conn.execute(insert(chain_heads), [{"chain": n, "length": 0, "hash": genesis(n).hash} for n in range(CHAINS)])
    conn.commit()
    return conn


def _on_postgres(folder: Path) -> Connection:
    told = connect_args(postgres_url("logging", metadata, SERVICE.migrations, folder), "test")
    return make_engine(lambda: postgres_pipeline.Connection.connect(**told, autocommit=True), 1).connect()
