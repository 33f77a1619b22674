"""Writes docs/events from `rapport_contracts.events`: a JSON Schema an event, one AsyncAPI document; refuses what breaks readers.

`python tools/schemas.py` writes, `--check` only says (exit 1) whether the committed files are current.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pydantic.json_schema import models_json_schema  # noqa: E402

from rapport_contracts import topics  # noqa: E402
from rapport_contracts.events import FACTS, STATES, Payload  # noqa: E402
from rapport_contracts.topics import Kind, Topic  # noqa: E402
from tools.schema_compatibility import breaks, missing  # noqa: E402

FOLDER = ROOT / "docs" / "events"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DAY_MS = 86_400_000


def events() -> dict[str, tuple[Topic, type[Payload]]]:
    """Every event by its name: a fact's is its type; a state's its topic, and its document's `type` where one has several."""
    states = {
        _state_name(topic, model, len(models) > 1): (topic, model)
        for topic, models in STATES.items()
        for model in models
    }
    return {**FACTS, **states}


def _state_name(topic: Topic, model: type[Payload], several: bool) -> str:
    return f"{topic.name}.{model.model_fields['type'].default}" if several else topic.name


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of every event's `data`, by the event's name."""
    return {name: _schema(name, topic, model) for name, (topic, model) in events().items()}


def _schema(name: str, topic: Topic, model: type[Payload]) -> dict[str, Any]:
    head = {"$schema": DIALECT, "$id": f"{name}.json", "x-topic": topic.name, "x-kind": topic.kind.value}
    return head | model.model_json_schema()


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all topics, with every schema in it."""
    used = sorted({model for _, model in events().values()}, key=lambda model: model.__name__)
    _, combined = models_json_schema(
        [(model, "validation") for model in used], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rapport: topics",
            "version": "1",
            "description": "Every record's value is a CloudEvents 1.0 document in structured JSON; its key is the aggregate's "
            "id. State topics hold the whole document with its version and are compacted; facts and commands name fields "
            "and ids, never personal values.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.name: _channel(topic) for topic in topics.ALL},
        "operations": {f"{topic.owner}.{topic.name}": _operation(topic) for topic in topics.ALL},
        "components": {
            "messages": {name: _message(name, topic, model) for name, (topic, model) in events().items()},
            "schemas": combined["$defs"],
        },
    }


def _names_of(topic: Topic) -> list[str]:
    return [name for name, (where, _) in events().items() if where is topic]


def _channel(topic: Topic) -> dict[str, Any]:
    settings: dict[str, Any] = {"cleanup.policy": ["compact" if topic.kind is Kind.STATE else "delete"]}
    if topic.retention_days is not None:
        settings["retention.ms"] = topic.retention_days * _DAY_MS
    kafka = {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": settings}
    return {
        "address": topic.name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names_of(topic)},
        "bindings": {"kafka": kafka | {"bindingVersion": "0.5.0"}},
        "x-owner": topic.owner,
        "x-kind": topic.kind.value,
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "summary": f"{topic.owner} publishes {topic.kind.value}s of {topic.name}.",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _names_of(topic)],
    }


def _message(name: str, topic: Topic, model: type[Payload]) -> dict[str, Any]:
    return {
        "name": name,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().split("\n")[0],
        "contentType": "application/cloudevents+json",
        "payload": _envelope(topic.name if topic.kind is Kind.STATE else name, model.__name__),
    }


def _envelope(type_: str, model: str) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text,
            "source": text,
            "type": {"const": type_},
            "subject": text,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "traceparent": text,
            "data": {"$ref": f"#/components/schemas/{model}"},
        },
    }


def files() -> dict[str, str]:
    """Every generated file: its path below docs/events and its text."""
    made = {f"schemas/{name}.json": _text(schema) for name, schema in schemas().items()}
    return {**made, "asyncapi.json": _text(asyncapi())}


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def committed(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The schemas that stand in the repository, by the event's name."""
    found = sorted((folder / "schemas").glob("*.json"))
    return {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in found}


def incompatible(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """How the `new` schemas break readers of what the `old` ones allowed."""
    both = sorted(set(old) & set(new))
    return missing(old, new) + [f"{name}: {said}" for name in both for said in breaks(old[name], new[name])]


def outdated(folder: Path = FOLDER) -> list[str]:
    """The files that are missing, different, or generated no more."""
    wanted = files()
    wrong = [name for name, text in wanted.items() if not _same(folder / name, text)]
    kept = [f"schemas/{name}.json" for name in committed(folder)]
    return sorted({*wrong, *(set(kept) - set(wanted))})


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def write(folder: Path = FOLDER) -> list[str]:
    """Write what changed; nothing at all when it would break a reader. Gives the breaks (empty: written)."""
    broken = incompatible(committed(folder), schemas())
    if broken:
        return broken
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        if not _same(folder / name, text):
            (folder / name).write_text(text, "utf-8")
    return []


def main(arguments: list[str]) -> int:
    """The command line: 0 when all is well, 1 with the reasons on stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/events is not current")
    wrong = outdated() if parser.parse_args(arguments).check else write()
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong and not parser.parse_args(arguments).check:
        print("These changes break readers of past records. Make a new event type or topic version.", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
