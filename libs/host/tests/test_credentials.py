"""Who is refused by an engine is told so by `rapport check`, and at the start: a password does not mend itself."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from rapport_testkit.engines import Engine, kafka, start
from rapport_testkit.engines.ports import free_port
from rapport_testkit.engines.postgres import with_passwords

pytestmark = pytest.mark.timeout(240)
WORKER = ("serve", "customers", "--role", "worker")
_SASL = """\
listeners=SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=SASL_PLAINTEXT
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required username="broker" password="own" \
user_broker="own" user_rapport="seven-grey-lamps";
"""


@pytest.fixture
def postgres() -> Iterator[Engine]:
    engine = start("postgres")
    with_passwords(engine)
    yield engine
    engine.stop()


@pytest.fixture
def broker() -> Iterator[Engine]:
    engine = kafka.start(_SASL)
    yield engine
    engine.stop()


def test_postgresql(rapport, tmp_path: Path, postgres: Engine) -> None:
    url = postgres.url.replace("postgres@", "rapport@").rpartition("/")[0] + "/rapport_{service}"
    env = {"RAPPORT_DATABASE_URL": url, "RAPPORT_PORT": str(free_port())}
    right = env | {"RAPPORT_DATABASE_PASSWORD": "secret"}
    wrong = env | {"RAPPORT_DATABASE_PASSWORD": "seven-grey-lamps"}
    assert rapport("databases", "apply", data=tmp_path, **right).returncode == 0
    refused(rapport, tmp_path, wrong, "password authentication failed", ("databases", "apply"), "LOOK  customers: ")
    refused(rapport, tmp_path, env, "no password supplied", ("databases", "apply"), "LOOK  customers: ")


def test_kafka(rapport, tmp_path: Path, broker: Engine) -> None:
    url = broker.url.replace("kafka://", "kafka://rapport@") + "?mechanism=PLAIN"
    env = {"RAPPORT_BUS_URL": url, "RAPPORT_PORT": str(free_port())}
    right, wrong = env | {"RAPPORT_BUS_PASSWORD": "seven-grey-lamps"}, env | {"RAPPORT_BUS_PASSWORD": "secret"}
    assert rapport("topics", "apply", data=tmp_path, **right).returncode == 0
    words = "refuses the connection that RAPPORT_BUS_URL describes"
    refused(rapport, tmp_path, wrong, words, ("topics", "apply"), "LOOK  bus: ")


def refused(rapport, data: Path, env: dict[str, str], words: str, making: tuple[str, str], line: str) -> None:
    """A start and the making of what is missing end with 78 and the word, `check` looks; nobody shows the password."""
    for command in (WORKER, making):
        ended = rapport(*command, data=data, **env)
        assert (ended.returncode, words in ended.stderr, "Traceback" in ended.stderr) == (78, True, False), ended.stderr
        assert "grey-lamps" not in ended.stderr
    looked = rapport("check", data=data, **env)
    assert looked.returncode == 1
    assert any(said.startswith(line) and words in said for said in looked.stdout.splitlines()), looked.stdout
    assert "grey-lamps" not in looked.stdout


class _Locked(BaseHTTPRequestHandler):
    """An OpenSearch that knows nobody: the one of the tests is without its security plugin."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has there
        """What it is asked is no news."""


def test_opensearch_is_told_by_check_and_refuses_no_start(rapport, tmp_path: Path) -> None:
    """ADR 0089: search waits for it and the others work; that is services/search/tests/test_engine_away.py."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Locked)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"opensearch://rapport:seven-grey-lamps@127.0.0.1:{server.server_port}"
    looked = rapport("check", data=tmp_path, RAPPORT_SEARCH_URL=url, RAPPORT_PORT=str(free_port()))
    server.shutdown()
    server.server_close()
    assert looked.returncode == 1
    assert "LOOK  search engine: OpenSearch" in looked.stdout
    assert "refuses the user and password of RAPPORT_SEARCH_URL" in looked.stdout
    assert "grey-lamps" not in looked.stdout
