"""What `RAPPORT_SEARCH_URL` says: which nodes, who asks, and how indexes are made there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from rapport_chassis.adapters import WrongSetting

SCHEMES: Final = ("opensearch", "opensearch+https")
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
    try:
        return _read(url)
    except ValueError as wrong:
        raise WrongSetting(f"RAPPORT_SEARCH_URL: {wrong}") from None


def _read(url: str) -> Address:
    split = urlsplit(url)
    said, at, nodes = split.netloc.rpartition("@")
    user, _, password = said.partition(":")
    if split.scheme not in SCHEMES or split.path not in {"", "/"} or split.fragment or not nodes:
        raise ValueError("it must be opensearch://[user:password@]host:port or opensearch+https://…, with no path")
    if at and not (user and password):
        raise ValueError("before “@” stand user and password, user:password")
    options = dict(parse_qsl(split.query, keep_blank_values=True))
    address = Address(
        nodes=tuple(_node(one) for one in nodes.split(",")),
        user=unquote(user),
        password=unquote(password),
        tls=split.scheme == "opensearch+https",
        ca=options.pop("ca", None),
        prefix=options.pop("prefix", "rapport"),
        shards=_number("shards", options.pop("shards", "1"), _MOST_SHARDS),
        connections=_number("connections", options.pop("connections", "20"), 1_000),
    )
    _refuse(address, options)
    return address


def _refuse(address: Address, unknown: dict[str, str]) -> None:
    if unknown:
        raise ValueError(f"it takes ca, prefix, shards and connections, not {', '.join(sorted(unknown))}")
    if not _PREFIX.fullmatch(address.prefix):
        raise ValueError("prefix is lower-case letters, digits and _, beginning with a letter")
    if address.ca is not None and not address.tls:
        raise ValueError("ca is for opensearch+https://")
    if address.ca is not None and not Path(address.ca).is_file():
        raise ValueError(f"ca: there is no file {address.ca}")


def _node(text: str) -> tuple[str, int]:
    split = urlsplit(f"//{text}")
    try:
        port = split.port
    except ValueError:
        port = 0
    if not split.hostname or port == 0:
        raise ValueError(f"{text!r} is no host:port")
    return split.hostname, _PORT if port is None else port


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise ValueError(f"{name} is a number from 1 to {most}")
    return int(text)
