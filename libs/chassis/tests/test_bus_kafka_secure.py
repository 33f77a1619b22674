"""Kafka behind TLS and a password: the URL says how, and what is wrong with it is said at the start."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import BusUnusable
from rapport_contracts.topics import CUSTOMERS
from rapport_testkit.bus_conformance import append, contents, read_all, record
from rapport_testkit.engines.kafka import start

PROPERTIES = """\
listeners=SASL_SSL://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=SASL_SSL://127.0.0.1:{{port}}
inter.broker.listener.name=SASL_SSL
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required username="broker" password="its own" \
user_broker="its own" user_rapport="a p@ssword";
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/certificate.pem
"""


@dataclass(frozen=True)
class Secured:
    host: str
    authority: Path

    def url(self, account: str = "rapport:a%20p%40ssword", **more: str) -> str:
        given = {"tls": "on", "ca": str(self.authority), "mechanism": "PLAIN"} | more
        return f"kafka://{account}@{self.host}?" + "&".join(f"{name}={value}" for name, value in given.items() if value)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    certificate(folder)
    engine = start(PROPERTIES.replace("{folder}", str(folder)).replace("{{", "{").replace("}}", "}"))
    yield Secured(engine.url.removeprefix("kafka://"), folder / "certificate.pem")
    engine.stop()


def certificate(folder: Path) -> None:
    """A certificate for this address that is its own authority, and both it and its key for the broker."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kafka"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(
        [*command, "-addext", "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True, timeout=60
    )
    (folder / "broker.pem").write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())


async def test_what_the_url_describes_is_used_by_everything(secured: Secured) -> None:
    await apply_topics(KafkaSettings.from_url(secured.url()))
    bus = open_bus(secured.url())
    await bus.start()
    await append(bus, [record("one", 1)])
    assert contents(await read_all(bus)) == [("one", "1")]
    member = await bus.join(CUSTOMERS, "suite")
    assert member.owned == frozenset(range(12))
    await member.close()
    await bus.close()


@pytest.mark.parametrize(
    ("account", "more"),
    [
        ("rapport:wrong", {}),
        ("nobody:a%20p%40ssword", {}),
        ("rapport:a%20p%40ssword", {"mechanism": "SCRAM-SHA-512"}),
        ("rapport:a%20p%40ssword", {"ca": ""}),
    ],
)
async def test_who_is_not_welcome_is_told_at_the_start(secured: Secured, account: str, more: dict[str, str]) -> None:
    with pytest.raises(BusUnusable, match="refuses the connection that RAPPORT_BUS_URL describes") as refused:
        await open_bus(secured.url(account, **more)).start()
    assert "p@ssword" not in str(refused.value)
