"""The floor of P2's second half: a raw tantivy bulk load of the same customers: stored document, names, contacts, groups."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import tantivy


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
