"""What `RAPPORT_SEARCH_URL` says: which nodes, who asks, and how indexes are made there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapport_chassis.engine_url import EngineUrl, read_engine_url

SCHEMES: Final = ("opensearch", "opensearch+https")
_FORM: Final = "opensearch://[user:password@]host:port[,host:port…] or opensearch+https://…"
_OPTIONS: Final = ("ca", "prefix", "shards", "connections")
_PORT: Final = 9200
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")  # no “-”, which ends it: no prefix begins another
_MOST_SHARDS: Final = 64


@dataclass(frozen=True, slots=True)
class Address:
    """Nodes of one cluster, asked in turn; `prefix` begins the name of every index of this installation."""

    nodes: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = ""
    tls: bool = False
    ca: str | None = None
    prefix: str = "rapport"
    shards: int = 1
    connections: int = 20

    @property
    def shown(self) -> str:
        """For logs and messages: without the password."""
        return ", ".join(f"{host}:{port}" for host, port in self.nodes)


def address_of(url: str) -> Address:
    """The address that `RAPPORT_SEARCH_URL` says. Raises `WrongSetting` in words for who wrote it, without the password.

    `opensearch://[user:password@]host[:9200][,host…][?prefix=rapport&shards=1&connections=20]`,
    or `opensearch+https://…[?ca=FILE]` for TLS.
    What a URL reserves is percent-encoded in user and password.
    """
    read = read_engine_url("RAPPORT_SEARCH_URL", url, _FORM, SCHEMES, _OPTIONS)
    if read.path not in {"", "/"}:
        raise read.wrong("it has no path")
    if bool(read.user) != bool(read.password):
        raise read.wrong("before “@” stand user and password, user:password")
    address = Address(
        nodes=read.nodes(_PORT),
        user=read.user,
        password=read.password,
        tls=read.scheme == "opensearch+https",
        ca=read.options.get("ca"),
        prefix=read.options.get("prefix", "rapport"),
        shards=read.number("shards", 1, _MOST_SHARDS),
        connections=read.number("connections", 20, 1_000),
    )
    if not _PREFIX.fullmatch(address.prefix):
        raise read.wrong("prefix is lower-case letters, digits and _, beginning with a letter")
    _refuse_authority(address, read)
    return address


def _refuse_authority(address: Address, read: EngineUrl) -> None:
    if address.ca is not None and not address.tls:
        raise read.wrong("ca is for opensearch+https://")
    if address.ca is not None and not Path(address.ca).is_file():
        raise read.wrong(f"ca: there is no file {address.ca}")
