"""The floor of P2's second half: a raw bulk load of the same customers: stored document, names, contacts, groups.

Into tantivy, or into OpenSearch at a URL.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tantivy

_ACTIONS = 2_000  # a bulk request
_MAPPING = {
    "mappings": {
        "dynamic": False,
        "properties": {
            "text": {"type": "text"},
            "exact": {"type": "keyword"},
            "at": {"type": "long"},
            "stored": {"type": "keyword", "index": False, "doc_values": False},
        },
    },
    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1},
}


def run(folder: Path, documents: list[dict[str, Any]], count: int) -> float:
    """The seconds to index `count` documents made by repeating `documents`, committed once and readable."""
    folder.mkdir(parents=True)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", stored=True)
    builder.add_text_field("text", tokenizer_name="default")
    builder.add_text_field("exact", tokenizer_name="raw", fast=True)
    builder.add_integer_field("at", fast=True, indexed=True)
    builder.add_bytes_field("stored", stored=True)
    index = tantivy.Index(builder.build(), str(folder))
    began = time.perf_counter()
    writer = index.writer(128_000_000, 1)
    for number in range(count):
        writer.add_document(_document(documents[number % len(documents)], number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    seconds = time.perf_counter() - began
    assert index.searcher().num_docs == count
    return seconds


def _document(customer: dict[str, Any], number: int) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", f"{customer['id']}{number}")
    names = [customer.get(name) or "" for name in ("first_name", "last_name", "company_name")]
    contacts = [contact["value"] for contact in customer.get("contacts", [])]
    document.add_text("text", " ".join([*names, *contacts]))
    for value in (*names, *contacts, *customer["groups"]):
        document.add_text("exact", value)
    document.add_integer("at", number)
    document.add_bytes("stored", json.dumps(customer).encode())
    return document


def run_on_opensearch(url: str, name: str, documents: list[dict[str, Any]], count: int) -> float:
    """The seconds to index `count` documents in a new index `name` of the cluster at `url`, refreshed once."""
    cluster = http.client.HTTPConnection(urlsplit(url).netloc)
    _asked(cluster, "PUT", f"/{name}", json.dumps(_MAPPING))
    began = time.perf_counter()
    actions = _actions(documents, count)
    while lines := list(islice(actions, _ACTIONS)):
        assert not json.loads(_asked(cluster, "POST", f"/{name}/_bulk", "".join(lines)))["errors"]
    _asked(cluster, "POST", f"/{name}/_refresh", "")
    seconds = time.perf_counter() - began
    assert json.loads(_asked(cluster, "GET", f"/{name}/_count", ""))["count"] == count
    _asked(cluster, "DELETE", f"/{name}", "")
    cluster.close()
    return seconds


def _actions(documents: list[dict[str, Any]], count: int) -> Iterator[str]:
    for number in range(count):
        customer = documents[number % len(documents)]
        names = [customer.get(name) or "" for name in ("first_name", "last_name", "company_name")]
        contacts = [contact["value"] for contact in customer.get("contacts", [])]
        said = {"text": " ".join([*names, *contacts]), "exact": [*names, *contacts, *customer["groups"]], "at": number}
        head = {"index": {"_id": f"{customer['id']}{number}"}}
        yield f"{json.dumps(head)}\n{json.dumps(said | {'stored': json.dumps(customer)})}\n"


def _asked(cluster: http.client.HTTPConnection, method: str, path: str, body: str) -> bytes:
    cluster.request(method, path, body.encode(), {"content-type": "application/json"})
    answer = cluster.getresponse()
    said = answer.read()
    assert answer.status < 300, said[:2_000]
    return said
