"""What is OpenSearch's own: its address, its refusals, its absence, and a cluster that has too much to do."""

import asyncio
import base64
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import orjson
import pytest
from aiohttp import web

from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_search.adapters.opensearch import OpenSearchEngine, address_of
from rapport_search.adapters.opensearch.address import Address
from rapport_search.adapters.opensearch.bulk import Action, Bulk, indexing, removing
from rapport_search.adapters.opensearch.client import Client, Overloaded
from rapport_search.adapters.opensearch.schema import SCHEMA_VERSION, index_body
from rapport_search.application.ports import Change
from rapport_search.domain.entries import entry_of
from rapport_search.domain.plan import Everything
from rapport_testkit.engines.ports import free_port

ON_OPENSEARCH = pytest.mark.parametrize("tech", ["opensearch"], indirect=True)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def change(customer_id: str, version: int = 1, **more: Any) -> Change:
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    document = {"id": customer_id, "version": version, "kind": "person", "groups": ["g1"], **times, **more}
    return Change(customer_id, version, entry_of(document))


def test_an_address_says_where_as_whom_and_how() -> None:
    assert address_of("opensearch://localhost") == Address((("localhost", 9200),))
    nodes_and_user = "ra%40pport:p%3A%2F%23@a:1,b,[::1]:3"
    url = f"opensearch+https://{nodes_and_user}?prefix=crm&shards=3&connections=5&ca={__file__}"
    nodes = (("a", 1), ("b", 9200), ("::1", 3))
    assert address_of(url) == Address(nodes, "ra@pport", "p:/#", True, __file__, "crm", 3, 5)
    assert "p:/#" not in address_of(url).shown


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("opensearch://", "host:port"),
        ("opensearchs://a", "host:port"),
        ("opensearch://a/path", "no path"),
        ("opensearch://secret@a", "user:password"),
        ("opensearch://a:b", "no host:port"),
        ("opensearch://a:0", "no host:port"),
        ("opensearch://a:99999", "no host:port"),
        ("opensearch://a?prefix=A-b", "prefix"),
        ("opensearch://a?shards=0", "shards"),
        ("opensearch://a?shards=two", "shards"),
        ("opensearch://a?sharts=2", "sharts"),
        ("opensearch://a?ca=x", "https"),
        ("opensearch+https://a?ca=nothing.pem", "no file nothing.pem"),
    ],
)
def test_a_wrong_address_is_refused_in_words_without_its_password(url: str, word: str) -> None:
    with pytest.raises(ValueError, match=word) as refused:
        address_of(url)
    assert str(refused.value).startswith("RAPPORT_SEARCH_URL: ")
    assert "secret" not in str(refused.value)


async def serve(answer: Answer, tls: ssl.SSLContext | None = None) -> tuple[web.AppRunner, int]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    return runner, port


class Busy:
    """Answers bulk requests by a script: a status for the whole, or one for each action."""

    def __init__(self, *script: int | list[int]) -> None:
        self.script = list(script)
        self.asked: list[list[str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        lines = [orjson.loads(line) for line in (await request.read()).splitlines()]
        self.asked.append([one["_id"] for line in lines for name, one in line.items() if name in {"index", "delete"}])
        said = self.script.pop(0)
        if isinstance(said, int):
            return web.json_response({"error": {"type": "rejected", "root_cause": []}, "status": said}, status=said)
        return web.json_response({"items": [{"delete": self.item(status)} for status in said]})

    def item(self, status: int) -> dict[str, Any]:
        return {"status": status} | ({"error": {"type": "rejected", "reason": "why"}} if status >= 400 else {})


@pytest.fixture
async def busy() -> AsyncIterator[Any]:
    opened: list[Any] = []

    async def bulk(*script: int | list[int]) -> tuple[Bulk, Busy]:
        fake = Busy(*script)
        runner, port = await serve(fake.answer)
        client = Client(address_of(f"opensearch://127.0.0.1:{port}"))
        opened.extend((client.close, runner.cleanup))
        return Bulk(client, "one", pause=0.001), fake

    yield bulk
    for close in opened:
        await close()


ACTIONS = [removing(name) for name in "abc"]


async def test_only_what_a_busy_cluster_refused_is_sent_again(busy: Any) -> None:
    """429 for the whole or for one; what an equal or newer version forbids is no failure and is not sent again."""
    bulk, fake = await busy(429, [200, 429, 409], [503], [200])
    assert await bulk.write(ACTIONS) == {"a", "b"}
    assert fake.asked == [["a", "b", "c"], ["a", "b", "c"], ["b"], ["b"]]


async def test_a_cluster_that_stays_busy_is_an_engine_that_is_away(busy: Any) -> None:
    bulk, fake = await busy(*[[200, 429, 429], *[[429, 429]] * 7])
    with pytest.raises(Overloaded, match="2 of 3 writes 8 times: why"):
        await bulk.write(ACTIONS)
    assert len(fake.asked) == 8


async def test_a_document_that_is_refused_is_named_with_the_reason(busy: Any) -> None:
    bulk, _ = await busy([200, 400, 200])
    with pytest.raises(ValueError, match="refuses b: rejected: why"):
        await bulk.write(ACTIONS)


async def test_large_batches_go_in_several_requests(busy: Any) -> None:
    many = [indexing(change(f"c{number}", description="text " * 3_000)) for number in range(100)]
    bulk, fake = await busy(*[429] * 8)
    with pytest.raises(Overloaded):
        await bulk.write(many)
    assert 1 < len(fake.asked[0]) < 100
    assert sum(len(action.lines) for action in many) > 1_000_000


class Waiting:
    """In place of `Bulk`: holds each request until three are under way, or the last ones are; refuses the `bad`."""

    def __init__(self, bad: str = "") -> None:
        self.bad = bad
        self.written: list[str] = []
        self.most = self.now = 0

    async def write(self, actions: Sequence[Action]) -> set[str]:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        ids = [action.id for action in actions]
        if self.bad in ids:
            raise ValueError(f"OpenSearch refuses {self.bad}")
        self.written += ids
        return set(ids)


@ON_OPENSEARCH
async def test_a_large_batch_goes_in_three_requests_at_once_each_customer_in_one(engine: Any) -> None:
    await engine.create("one")
    writer = await engine.write("one")
    writer._bulk = waiting = Waiting()
    assert await writer.index(change(f"c{number}") for number in range(2_000)) == 2_000
    assert sorted(waiting.written) == sorted(f"c{number}" for number in range(2_000))
    assert waiting.most == 3


@ON_OPENSEARCH
async def test_a_request_that_fails_ends_the_batch_with_its_reason(engine: Any) -> None:
    await engine.create("one")
    writer = await engine.write("one")
    writer._bulk = waiting = Waiting("c0")
    with pytest.raises(ValueError, match="refuses c0"):
        await writer.index(change(f"c{number}") for number in range(3_000))
    assert len(waiting.written) < 2_000


@ON_OPENSEARCH
async def test_a_strict_mapping_takes_no_field_that_it_does_not_know(engine: Any) -> None:
    await engine.create("one")
    client = engine._client
    sent = client.api.index(index=engine._prefix + "one", body={"surprise": 1})
    with pytest.raises(Exception, match="strict_dynamic_mapping_exception"):
        await client.ask(sent)
    assert index_body(1, "mine")["mappings"]["_meta"] == {"schema": SCHEMA_VERSION, "installation": "mine"}


@ON_OPENSEARCH
async def test_a_version_that_is_written_but_not_yet_found_is_not_held_yet(engine: Any) -> None:
    """Q8: who waits for a position must find it then."""
    await engine.create("one")
    name = engine._prefix + "one"
    await engine._client.api.indices.put_settings(index=name, body={"index": {"refresh_interval": "-1"}})
    await Bulk(engine._client, name).write([indexing(change("c1"))])
    reading, writing = await engine.read("one"), await engine.write("one")
    assert (await reading.versions_of(["c1"]), await reading.count(Everything())) == ({}, 0)
    assert await writing.index([change("c1")]) == 0  # it comes again after a kill in between
    assert (await reading.versions_of(["c1"]), await reading.count(Everything())) == ({"c1": 1}, 1)


@ON_OPENSEARCH
async def test_two_writers_of_an_index_do_not_undo_each_other(tech: Any, engine: Any) -> None:
    """Two workers at the moment of a fail-over: of two versions the newer stays."""
    await engine.create("one")
    other_engine = tech.open()
    one, other = await engine.write("one"), await other_engine.write("one")
    assert await other.index([change("c1", 3)]) == 1
    assert await one.index([change("c1", 2), change("c2", 1)]) == 1
    assert await other.versions_of(["c1", "c2"]) == {"c1": 3, "c2": 1}
    await other_engine.close()


@ON_OPENSEARCH
async def test_an_index_that_vanishes_is_an_engine_that_is_away(engine: Any) -> None:
    await engine.create("one")
    index = await engine.write("one")
    await engine.drop("one")
    for asked in (index.count(Everything()), index.index([change("c1")]), index.remove(["c1"]), index.held(0)):
        with pytest.raises(EngineUnavailable, match="removed"):
            await asked


async def test_nobody_there_is_an_engine_that_is_away() -> None:
    port = free_port()
    engine = OpenSearchEngine(address_of(f"opensearch://rapport:secret@127.0.0.1:{port}"))
    for asked in (engine.names, lambda: engine.usable("one"), lambda: engine.create("one"), lambda: engine.read("one")):
        with pytest.raises(EngineUnavailable, match=f"127.0.0.1:{port} does not answer") as away:
            await asked()
        assert "secret" not in str(away.value)
    await engine.close()


async def test_the_second_node_is_asked_when_the_first_is_down() -> None:
    asked = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response([])

    runner, port = await serve(answer)
    engine = OpenSearchEngine(address_of(f"opensearch://127.0.0.1:{free_port()},127.0.0.1:{port}"))
    for _ in range(4):
        assert await engine.names() == []
    assert asked == 4
    await engine.close()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (
            {"number": "2.14.0", "distribution": "opensearch"},
            r"OpenSearch 2\.14\.0 at 127\.0\.0\.1:\d+ is too old: 2\.15",
        ),
        ({"number": "8.15.0"}, "is no OpenSearch"),
    ],
)
async def test_a_cluster_that_cannot_do_what_is_asked_of_it_is_unfit(said: dict[str, str], word: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"version": said})

    runner, port = await serve(answer)
    engine = OpenSearchEngine(address_of(f"opensearch://127.0.0.1:{port}"))
    for asked in (lambda: engine.claim("mine"), engine.look):
        with pytest.raises(EngineUnfit, match=word):
            await asked()
    await engine.close()
    await runner.cleanup()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
    return str(folder / "cert.pem"), str(folder / "key.pem")


async def locked(request: web.Request) -> web.Response:
    if request.headers.get("authorization") != "Basic " + base64.b64encode(b"ra@pport:p:w").decode():
        return web.json_response({"error": "Unauthorized"}, status=401)
    return web.json_response([])


async def test_user_and_password_of_the_url_are_shown_over_tls(certificate: tuple[str, str]) -> None:
    """The certificate is checked against the authority that the URL names, and the name against the host."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)
    runner, port = await serve(locked, tls)
    ca = f"?ca={certificate[0]}"
    verdicts = {
        f"opensearch+https://ra%40pport:p%3Aw@localhost:{port}{ca}": None,
        f"opensearch+https://ra%40pport:wrong@localhost:{port}{ca}": "refuses the user and password",
        f"opensearch+https://localhost:{port}{ca}": "refuses the user and password",
        f"opensearch+https://ra%40pport:p%3Aw@localhost:{port}": "does not answer|is not trusted",
        f"opensearch+https://ra%40pport:p%3Aw@127.0.0.1:{port}{ca}": "does not answer|is not trusted",
        f"opensearch://ra%40pport:p%3Aw@localhost:{port}": "does not answer",
    }
    for url, verdict in verdicts.items():
        engine = OpenSearchEngine(address_of(url))
        if verdict is None:
            assert await engine.names() == []
        else:
            with pytest.raises(EngineUnavailable, match=verdict) as refused:
                await engine.names()
            assert "p:w" not in str(refused.value)
        await engine.close()
    await runner.cleanup()
