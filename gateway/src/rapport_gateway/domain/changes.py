"""From records of the state topics to what the live stream tells: kinds, ids, versions, and who may be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rapport_chassis.auth import Caller
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_contracts.topics import Topic

TYPES = ("customer", "group", "custom_field", "timeline", "tag", "message", "user", "job")
# What `?topics=` may say: the type, or its plural as the paths have it.
TOPIC_WORDS: dict[str, str] = {
    word: kind for kind in TYPES for word in {kind, kind if kind == "timeline" else f"{kind}s"}
}
SOURCES: dict[str, tuple[Topic, ...]] = {
    "customer": (topics.CUSTOMERS,),
    "group": (topics.DEFINITIONS,),
    "custom_field": (topics.DEFINITIONS,),
    "timeline": (topics.ENTRIES,),
    "tag": (topics.TAGS,),
    "message": (topics.MESSAGES,),
    "user": (topics.USERS,),
    "job": (topics.JOBS,),
}
EVERY = "*"
_MANY = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One frame to be. `about` is the customer whose visibility decides; `document` what else decides (job, group, field)."""

    type: str
    id: str
    version: int
    about: str | None = None
    document: Mapping[str, Any] | None = None

    def frame(self) -> dict[str, Any]:
        """What the subscriber gets: `{type, id, version}`, for a job the job."""
        if self.type == "job" and self.document is not None:
            return dict(self.document)
        return {"type": self.type, "id": self.id, "version": self.version}


Verdict = Literal["yes", "no", "ask"]


def changes_of(message: Message) -> Iterable[Change]:
    """What a record changes for those who watch; nothing for what is not shown live."""
    maker = _MAKERS.get(message.topic)
    return maker(message.data) if maker else ()


def may_see(caller: Caller, change: Change) -> Verdict:
    """Whether `caller` may be told; `ask`: if customers says that the caller sees the customer `about`."""
    return _RULES[change.type](caller, change)


def _customer(document: dict[str, Any]) -> Iterable[Change]:
    yield Change("customer", document["id"], document["version"], document=document)


def _definition(document: dict[str, Any]) -> Iterable[Change]:
    kind = "group" if document["type"] == "group" else "custom_field"
    yield Change(kind, document["id"], document["version"], document=document)


def _entry(document: dict[str, Any]) -> Iterable[Change]:
    customers, version = document["customer_ids"], document["version"]
    if len(customers) > _MANY:
        yield Change("timeline", EVERY, version)
        return
    for customer in customers:
        yield Change("timeline", customer, version, about=customer)


def _tag(document: dict[str, Any]) -> Iterable[Change]:
    yield Change("tag", document["id"], document["version"])


def _message(document: dict[str, Any]) -> Iterable[Change]:
    yield Change("message", document["id"], document["version"], about=document.get("customer_id"))


def _identity(document: dict[str, Any]) -> Iterable[Change]:
    yield Change("user", document["id"], document["version"], document=document)


def _job(document: dict[str, Any]) -> Iterable[Change]:
    yield Change("job", document["id"], document["version"], document=document)


_MAKERS: dict[str, Callable[[dict[str, Any]], Iterable[Change]]] = {
    topics.CUSTOMERS.name: _customer,
    topics.DEFINITIONS.name: _definition,
    topics.ENTRIES.name: _entry,
    topics.TAGS.name: _tag,
    topics.MESSAGES.name: _message,
    topics.USERS.name: _identity,
    topics.JOBS.name: _job,
}


def _sees_customer(caller: Caller, change: Change) -> Verdict:
    if not caller.can("customers.view"):
        return "no"
    groups = (change.document or {}).get("groups", ())
    return "yes" if change.id == EVERY or caller.sees_any(groups) else "no"


def _sees_group(caller: Caller, change: Change) -> Verdict:
    return "yes" if caller.sees_any([change.id]) else "no"


def _sees_field(caller: Caller, change: Change) -> Verdict:
    groups = (change.document or {}).get("group_ids")
    return "yes" if not groups or caller.sees_any(groups) else "no"


def _sees_timeline(caller: Caller, change: Change) -> Verdict:
    if not (caller.can("customers.view") and caller.can("entries.view")):
        return "no"
    return "yes" if change.id == EVERY else _by_customer(caller, change)


def _sees_tag(caller: Caller, _change: Change) -> Verdict:
    return "yes" if caller.can("entries.view") else "no"


def _sees_message(caller: Caller, change: Change) -> Verdict:
    if not caller.can("messages.view"):
        return "no"
    return "yes" if change.id == EVERY else _by_customer(caller, change)


def _by_customer(caller: Caller, change: Change) -> Verdict:
    if caller.view_groups is None:
        return "yes"
    return "ask" if change.about else "no"  # of nobody known: only who sees everybody sees it


def _sees_user(caller: Caller, change: Change) -> Verdict:
    document = change.document or {}
    if document.get("type") in ("role", "settings"):
        return "yes"
    own = caller.id in (document.get("id"), document.get("user_id"))
    return "yes" if own or caller.can("users.edit") else "no"


def _sees_job(caller: Caller, change: Change) -> Verdict:
    mine = (change.document or {}).get("created_by") == caller.id
    return "yes" if mine or caller.can("system.view") else "no"


_RULES: dict[str, Callable[[Caller, Change], Verdict]] = {
    "customer": _sees_customer,
    "group": _sees_group,
    "custom_field": _sees_field,
    "timeline": _sees_timeline,
    "tag": _sees_tag,
    "message": _sees_message,
    "user": _sees_user,
    "job": _sees_job,
}
