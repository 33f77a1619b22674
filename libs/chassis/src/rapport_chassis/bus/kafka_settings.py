"""What `RAPPORT_BUS_URL=kafka://…` says: brokers, encryption, who we are, and how topics are named and copied."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.engine_url import read_engine_url

_FORM = "kafka://[user:password@]host:port[,host:port…][?option=value&…]"
_MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
_OPTIONS = ("prefix", "tls", "ca", "cert", "key", "mechanism", "replicas", "transaction_timeout")
_PORT = 9092
_MOST = 32_767  # of both: copies are a short number of Kafka's, and no transaction is waited for longer than hours


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
    one_machine: bool = False
    """Who writes and who follows share a machine: below `rapport up` they do (ADR 0054)."""

    @classmethod
    def from_url(cls, url: str, env: Mapping[str, str] = {}) -> KafkaSettings:
        """Read the URL; `RAPPORT_BUS_PASSWORD` in `env` is the password if it has none. Raises `WrongSetting`."""
        read = read_engine_url("RAPPORT_BUS_URL", url, _FORM, ("kafka",), _OPTIONS)
        if read.path.strip("/"):
            raise read.wrong(f"it must be {_FORM}")
        given = read.options
        return cls(
            tuple(f"{host}:{port}" for host, port in read.nodes(_PORT)),
            given.get("prefix", ""),
            read.number("replicas", 1, _MOST),
            read.number("transaction_timeout", 60, _MOST),
            read.choice("tls", ("off", "on")) == "on",
            (given.get("ca"), given.get("cert"), given.get("key")),
            read.user or None,
            read.password or env.get("RAPPORT_BUS_PASSWORD"),
            read.choice("mechanism", _MECHANISMS),
            env.get("RAPPORT_ONE_MACHINE") == "yes",
        )

    @cached_property
    def connection(self) -> dict[str, Any]:
        """What every client of aiokafka is told. Raises `WrongSetting` for certificates that cannot be read."""
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
            raise WrongSetting(f"RAPPORT_BUS_URL: a certificate cannot be read: {error}") from error
        return context
