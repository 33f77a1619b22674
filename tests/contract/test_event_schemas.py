"""The committed event schemas are those of the code, and the code breaks no reader of them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from rapport_contracts import topics
from rapport_contracts.envelope import seal
from rapport_contracts.events import FACTS, STATES
from tools import schemas as generator

NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
GROUP = {"type": "group", "id": "g", "name": "Buyers", "parent_id": None, "position": 0, "version": 1, "removed": False}
ADDED = {"customer_id": "c", "group_id": "g", "by": "u", "via": "form", "from_the_future": 1}


def test_the_committed_files_are_generated_from_the_contracts_as_they_are_now() -> None:
    assert generator.outdated() == [], "run: python tools/schemas.py"


def test_the_contracts_break_no_reader_of_the_committed_schemas() -> None:
    assert generator.incompatible(generator.committed(), generator.schemas()) == []


def test_every_fact_and_every_state_has_a_schema_and_every_topic_its_events() -> None:
    named = generator.events()
    assert len(named) == len(FACTS) + sum(len(models) for models in STATES.values())
    assert {topic for topic, _ in named.values()} == set(topics.ALL)
    assert set(generator.committed()) == set(named)


def test_the_writer_writes_nothing_when_a_reader_would_break(tmp_path: Path) -> None:
    shutil.copytree(generator.FOLDER, tmp_path / "events")
    published = tmp_path / "events" / "schemas" / "customers.customer.group_added.json"
    once = json.loads(published.read_text("utf-8"))
    once["properties"]["reason"] = {"type": "string"}
    published.write_text(json.dumps(once), "utf-8")
    said = generator.write(tmp_path / "events")
    assert said == ["customers.customer.group_added: $.reason: the field is gone"]
    assert json.loads(published.read_text("utf-8")) == once


def test_the_writer_writes_everything_into_an_empty_folder_and_then_nothing_is_outdated(tmp_path: Path) -> None:
    assert generator.outdated(tmp_path)
    assert generator.write(tmp_path) == []
    assert generator.outdated(tmp_path) == []
    (tmp_path / "schemas" / "gone.event.json").write_text("{}", "utf-8")
    assert generator.outdated(tmp_path) == ["schemas/gone.event.json"]
    assert generator.write(tmp_path) == ["gone.event: the event is gone"]


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((generator.FOLDER / "asyncapi.json").read_text("utf-8"))
    references = list(_references(document))
    assert len(references) > 50
    for reference in references:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(topics.BY_NAME)
    for topic in topics.ALL:
        kafka = document["channels"][topic.name]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert (kafka["topicConfiguration"]["cleanup.policy"] == ["compact"]) == (topic.kind is topics.Kind.STATE)


@pytest.mark.parametrize(
    ("event", "type_", "data"),
    [
        ("customers.customer.group_added", "customers.customer.group_added", ADDED),
        ("customers.definitions.v1.group", topics.DEFINITIONS.name, GROUP),
    ],
)
def test_a_sealed_record_is_what_the_asyncapi_document_says(event: str, type_: str, data: dict[str, Any]) -> None:
    document = generator.asyncapi()
    check = document["components"]["messages"][event]["payload"] | {"components": document["components"]}
    validator = jsonschema.Draft202012Validator(check, format_checker=jsonschema.FormatChecker())
    record = seal(source="customers", type_=type_, subject="k", data=orjson.dumps(data), time=NOW)
    validator.validate(orjson.loads(record))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(orjson.loads(record) | {"type": "something.else"})
    short = {key: value for key, value in data.items() if key not in {"group_id", "id"}}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(orjson.loads(record) | {"data": short})


def _references(document: Any) -> Any:
    if isinstance(document, dict):
        if isinstance(document.get("$ref"), str):
            yield document["$ref"]
        for value in document.values():
            yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)
