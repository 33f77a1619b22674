"""Events of other services as system entries (L1, L8): pure translation; what it does not know it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from rapport_contracts.envelope import Message
from rapport_logging.domain.entries import Delivery, SystemEntry

_FACT: Final = "customers.customer."


def entries_of_fact(message: Message) -> Sequence[SystemEntry]:
    """The entries that one fact of customers.events.v1 makes: one, or for an import batch one and one a group."""
    if message.type == "customers.customers.imported":
        return tuple(_imported(message))
    maker = _MAKERS.get(message.type)
    return (_of_customer(message, *maker(message.data)),) if maker else ()


def _of_customer(message: Message, kind: str, data: dict[str, Any]) -> SystemEntry:
    customer_id = message.data["customer_id"]
    return SystemEntry(
        natural_key=f"event:{message.id}",
        kind=kind,
        customer_ids=(customer_id,),
        occurred_at=message.time,
        recorded_by=message.data["by"],
        data=data | {"via": message.data["via"]},
        link=_link("customer", customer_id, f"/customers/{customer_id}"),
    )


def _imported(message: Message) -> Iterator[SystemEntry]:
    data = message.data
    run = {"import_id": data["import_id"], "run_id": data["run_id"], "batch": data["batch"]}
    place = f"import:{data['import_id']}:{data['run_id']}:{data['batch']}"
    written = tuple(dict.fromkeys([*data["created"], *data["changed"]]))
    counts = {"created": len(data["created"]), "changed": len(data["changed"])}
    parts: list[tuple[str, str, Sequence[str], dict[str, Any]]] = [("imported", "imported", written, counts)]
    for group_id, customers in sorted(data["groups"].items()):
        parts.append((f"group_added:{group_id}", "group_added", customers, {"group_id": group_id}))
    for name, kind, customers, said in parts:
        if customers:
            yield SystemEntry(
                natural_key=f"{place}:{name}",
                kind=kind,
                customer_ids=tuple(dict.fromkeys(customers)),
                occurred_at=message.time,
                recorded_by=data["by"],
                data=run | said | {"via": f"import:{data['import_id']}"},
                link=_link("import", data["import_id"], f"/imports/{data['import_id']}"),
            )


def entry_of_message(document: dict[str, Any]) -> SystemEntry | None:
    """The entry of a message (L3); None while no customer is known for it, and for channels that have no kind here."""
    kind = _MESSAGE_KINDS.get((document["channel"], document["direction"]))
    if kind is None or document.get("customer_id") is None:
        return None
    return SystemEntry(
        natural_key=message_key(document["id"]),
        kind=kind,
        customer_ids=(document["customer_id"],),
        occurred_at=_instant(document["created_at"]),
        recorded_by=document.get("by"),
        text=document["body"],
        data={"channel": document["channel"], "address": document["address"], "job_id": document.get("job_id")},
        link=_link("message", document["id"], f"/messages/{document['id']}"),
        delivery=_delivery(document),
    )


def message_key(message_id: str) -> str:
    """The natural key of a message's entry."""
    return f"message:{message_id}"


def _delivery(document: dict[str, Any]) -> Delivery | None:
    if document["direction"] != "outgoing":
        return None
    return Delivery(document["state"], document.get("reason"), document["at"], document["version"])


def _link(type_: str, id_: str, url: str) -> dict[str, Any]:
    return {"type": type_, "id": id_, "url": url}


def _instant(text: str) -> Any:
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).astimezone(UTC)


def _created(_data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "customer_created", {}


def _changed(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "customer_changed", {"fields": data["fields"]}


def _enabled(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "customer_changed", {"fields": ["enabled"], "enabled": data["enabled"]}


def _grouped(kind: str) -> Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]:
    return lambda data: (kind, {"group_id": data["group_id"]})


_MAKERS: Final[dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]]] = {
    f"{_FACT}created": _created,
    f"{_FACT}changed": _changed,
    f"{_FACT}enabled": _enabled,
    f"{_FACT}group_added": _grouped("group_added"),
    f"{_FACT}group_removed": _grouped("group_removed"),
}
_MESSAGE_KINDS: Final = {("sms", "outgoing"): "sms_sent", ("sms", "incoming"): "sms_received"}
