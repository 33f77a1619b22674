"""What `RAPPORT_BUS_URL=kafka://…` says: brokers, encryption, who we are, and how topics are named and copied."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from rapport_chassis.bus.port import BusUnusable

_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PARAMETERS = {"prefix", "tls", "ca", "cert", "key", "mechanism", "replicas", "transaction_timeout"}


@dataclass(frozen=True)
class KafkaSettings:
    """A URL `kafka://[user:password@]host:port[,host:port…][?…]`, read.

    `tls=on` encrypts (`ca`, `cert`, `key`: PEM files; without `ca` the system's authorities). A user makes it SASL,
    `mechanism` being PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (the default). `prefix` stands before all names of topics,
    groups and producers; `replicas` is how many copies `topics apply` makes of each partition (1; three in production);
    `transaction_timeout` is after how many seconds the cluster gives up a producer that died (60).
    """

    brokers: tuple[str, ...]
    prefix: str = ""
    replicas: int = 1
    transaction_timeout: float = 60.0
    tls: bool = False
    files: tuple[str | None, str | None, str | None] = (None, None, None)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: str = "SCRAM-SHA-512"

    @classmethod
    def from_url(cls, url: str, env: Mapping[str, str] = {}) -> KafkaSettings:
        """Read the URL; `RAPPORT_BUS_PASSWORD` in `env` is the password if it has none. Raises `BusUnusable`."""
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := given.keys() - _PARAMETERS:
            raise BusUnusable(f"RAPPORT_BUS_URL: unknown parameters: {', '.join(sorted(unknown))}")
        account, _, hosts = parts.netloc.rpartition("@")
        brokers = tuple(host for host in hosts.split(",") if host)
        if parts.scheme != "kafka" or not brokers or parts.path.strip("/"):
            raise BusUnusable("RAPPORT_BUS_URL must be kafka://host:port[,host:port…][?parameters]")
        user, _, password = account.partition(":")
        return cls(
            brokers,
            given.get("prefix", ""),
            _number("replicas", given.get("replicas", "1")),
            _number("transaction_timeout", given.get("transaction_timeout", "60")),
            _switch("tls", given.get("tls", "off")),
            (given.get("ca"), given.get("cert"), given.get("key")),
            unquote(user) or None,
            unquote(password) or env.get("RAPPORT_BUS_PASSWORD"),
            _mechanism(given.get("mechanism", "SCRAM-SHA-512")),
        )

    @cached_property
    def connection(self) -> dict[str, Any]:
        """What every client of aiokafka is told. Raises `BusUnusable` for certificates that cannot be read."""
        protocol = ("SASL_" if self.user else "") + ("SSL" if self.tls else "PLAINTEXT")
        found: dict[str, Any] = {"bootstrap_servers": list(self.brokers), "security_protocol": protocol}
        if self.tls:
            found["ssl_context"] = self._ssl()
        if self.user:
            found |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user}
            found["sasl_plain_password"] = self.password or ""
        return found

    def _ssl(self) -> ssl.SSLContext:
        authority, certificate, key = self.files
        try:
            context = ssl.create_default_context(cafile=authority)
            if certificate:
                context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise BusUnusable(f"RAPPORT_BUS_URL: a certificate cannot be read: {error}") from error
        return context


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise BusUnusable(f"RAPPORT_BUS_URL: {name} must be a number from 1 on, not {value!r}")
    return int(value)


def _switch(name: str, value: str) -> bool:
    if value not in {"on", "off"}:
        raise BusUnusable(f"RAPPORT_BUS_URL: {name} must be on or off, not {value!r}")
    return value == "on"


def _mechanism(value: str) -> str:
    if value not in _MECHANISMS:
        raise BusUnusable(f"RAPPORT_BUS_URL: mechanism must be one of {', '.join(_MECHANISMS)}, not {value!r}")
    return value
