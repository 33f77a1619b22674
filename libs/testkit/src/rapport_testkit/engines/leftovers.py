"""What a test made in an engine that outlives it (`make engines`) and drops at its end."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg.sql import SQL, Identifier


def drop_database(url: str) -> None:
    """Drop it, whoever is connected. Nothing is said when the server has gone."""
    server, _, name = url.rpartition("/")
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(f"{server}/postgres", autocommit=True) as connection,
    ):
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def drop_indexes(url: str) -> None:
    """Drop all that begin with the prefix of `opensearch://host:port?prefix=…`. Nothing is said when the node has gone."""
    split = urlsplit(url)
    (prefix,) = parse_qs(split.query)["prefix"]
    request = urllib.request.Request(f"http://{split.netloc}/{prefix}-*", method="DELETE")
    with contextlib.suppress(urllib.error.URLError):
        urllib.request.urlopen(request, timeout=10).close()
