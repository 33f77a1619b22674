"""The payloads that cross a service border, one model each; JSON Schemas are generated from them.

Facts and commands name fields and ids, never personal values. Hot paths build and read the same shapes as plain dictionaries:
the models are the contract, the schema gate and the tests' oracle. Consumers ignore fields they do not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import topics
from .topics import Topic

Id = str
Via = str  # "form", "api_key", "import:<id>", "job:<id>"


class Payload(BaseModel):
    """What every payload has in common: unknown fields are ignored, so producers may be newer than consumers."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


# --- customers -------------------------------------------------------------------------------------------------------


class Contact(Payload):
    """One way to reach a customer (C2). `e164` is the phone key; null for what could not be parsed and for other kinds."""

    kind: Literal["phone", "mobile", "fax", "email", "address", "website", "social", "whatsapp"]
    value: str
    label: str | None = None
    e164: str | None = None
    primary: bool = False


class Address(Payload):
    """The location of a customer (C1)."""

    street: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country: str | None = None


class OrganizationLink(Payload):
    """One membership of a person (C1)."""

    id: Id
    position: str | None = None


class CustomerDocument(Payload):
    """The whole customer, as `customers.customer.v1` and GET /customers/{id} carry it. A purged one is only a stub."""

    id: Id
    version: int
    kind: Literal["person", "organization"]
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company_name: str | None = None
    position: str | None = None
    description: str | None = None
    groups: list[Id]
    contacts: list[Contact] = []
    address: Address | None = None
    fields: dict[Id, Any] = {}
    organizations: list[OrganizationLink] = []
    related_to: Id | None = None
    enabled: bool = True
    created_at: datetime
    created_by: Id
    updated_at: datetime


class CustomerCreated(Payload):
    """C1: a customer was created one at a time (an import says `CustomersImported` instead)."""

    customer_id: Id
    version: int
    by: Id
    via: Via


class CustomerChanged(Payload):
    """C9: fields of a customer changed; `fields` are the names (`first_name`, `contacts`, `custom.<id>`), not the values."""

    customer_id: Id
    version: int
    fields: list[str]
    by: Id
    via: Via


class GroupAdded(Payload):
    """C3: a customer came into a group (`group_added` in its timeline)."""

    customer_id: Id
    group_id: Id
    by: Id
    via: Via


class GroupRemoved(GroupAdded):
    """C3: a customer left a group."""


class CustomerEnabled(Payload):
    """C10: a customer was enabled or disabled."""

    customer_id: Id
    enabled: bool
    by: Id
    via: Via


class CustomersImported(Payload):
    """I8: one batch of an import was written. One fact for up to 2,000 rows; no `CustomerCreated` is sent for them."""

    import_id: Id
    run_id: Id
    batch: int
    by: Id
    created: list[Id]
    changed: list[Id]
    groups: dict[Id, list[Id]] = Field(description="group id -> customers that came into it by this batch")


class GroupDefinition(Payload):
    """C3: a group; key `group:<id>`."""

    type: Literal["group"] = "group"
    id: Id
    name: str
    parent_id: Id | None = None
    position: int = 0
    version: int
    removed: bool = False


class SectionDefinition(Payload):
    """C4: a section of custom fields; key `section:<id>`."""

    type: Literal["section"] = "section"
    id: Id
    title: str
    position: int = 0
    built_in: bool = False
    version: int
    removed: bool = False


class FieldDefinition(Payload):
    """C4: a custom field; key `field:<id>`. `field_type` is api.md's `type`, which here says what the document is."""

    type: Literal["field"] = "field"
    id: Id
    title: str
    field_type: Literal["text", "integer", "boolean", "date", "list"]
    section_id: Id
    position: int = 0
    group_ids: list[Id] = Field(default=[], description="empty: every customer has it; else members of these groups")
    list_name: str | None = Field(default=None, alias="list")
    multiple: bool = False
    placement: Literal["basic", "additional"] = "basic"
    required: bool = False
    visible_in_search: bool = False
    version: int
    removed: bool = False


class ListDefinition(Payload):
    """C4: a named ordered list of options; key `list:<name>`."""

    type: Literal["list"] = "list"
    id: Id
    name: str
    items: list[dict[str, Any]] = Field(description='[{"id", "label", "position"}]')
    version: int
    removed: bool = False


# --- imports ---------------------------------------------------------------------------------------------------------


class MatchRule(Payload):
    """I5: which targets must be the same (normalised), joined by intersection (`all`) or union (`any`)."""

    fields: list[str]
    combine: Literal["all", "any"]


class ImportBatch(Payload):
    """imports.batches.v1, key = run id: please write these rows.

    The blob at `blob_key` is JSON `{"columns": [target, …], "rows": [[row_number, cell, …], …]}`, at most 2,000 rows, cells in
    the order of `columns`, already trimmed, normalised and validated by import: a text target's cell is `str | null`; a contact
    target's (`phone, mobile, fax, email, address, website, social, whatsapp`) a list of `[value, key | null]`, key = E.164 for
    numbers and the normalised address for emails; a `custom.<id>` target's cell is the typed value, a list when multiple, or
    null; `groups` a list of group ids on top of the batch's own.
    """

    import_id: Id
    run_id: Id
    batch: int
    blob_key: str
    kind: Literal["person", "organization"]
    groups: list[Id]
    mode: Literal["duplicate", "merge"]
    when_unmatched: Literal["create", "skip"]
    match: MatchRule | None = None
    by: Id


Outcome = Literal["created", "changed", "unchanged", "skipped", "ambiguous", "failed"]


class ImportResults(Payload):
    """imports.results.v1, key = run id: what became of each row, `[row_number, outcome, customer_id | null, reason | null]`.

    `positions` are `X-Position` tokens (`<id>@<version>`), the last written of each partition of customers.customer.v1.
    """

    import_id: Id
    run_id: Id
    batch: int
    rows: list[tuple[int, Outcome, Id | None, str | None]]
    positions: list[str] = []


# --- logging ---------------------------------------------------------------------------------------------------------


class EntryDocument(Payload):
    """logging.entries.v1: a log entry as the API shows it; `removed` when a user entry was deleted."""

    id: Id
    version: int
    kind: str
    customer_ids: list[Id]
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: Id | None = None
    tags: list[Id] = []
    removed: bool = False


class TagDocument(Payload):
    """logging.tags.v1: a tag (L5, L6)."""

    id: Id
    version: int
    name: str
    state: Literal["verified", "unverified", "system"]
    removed: bool = False


# --- messaging -------------------------------------------------------------------------------------------------------


class MessageDocument(Payload):
    """messaging.messages.v1: one message with its delivery state (M4)."""

    id: Id
    version: int
    channel: Literal["sms"]
    direction: Literal["outgoing", "incoming"]
    customer_id: Id | None = None
    address: str
    body: str
    state: Literal["queued", "sending", "sent", "delivered", "failed", "undeliverable", "unknown", "received"]
    reason: str | None = None
    at: datetime = Field(description="when the present state was reached")
    created_at: datetime
    by: Id | None = Field(default=None, description="the user who sent it")
    job_id: Id | None = None


# --- identity --------------------------------------------------------------------------------------------------------


class GroupAccess(Payload):
    """G1: rights on the customers of a group and of all its subgroups."""

    group_id: Id
    view: bool = True
    edit: bool = False
    remove: bool = False


class UserDocument(Payload):
    """identity.users.v1, key `user:<id>`. Users with `all_groups` (by a role) see every customer."""

    type: Literal["user"] = "user"
    id: Id
    username: str
    name: str | None = None
    email: str | None = None
    roles: list[Id]
    group_access: list[GroupAccess] = []
    disabled: bool = False
    version: int
    removed: bool = False


class RoleDocument(Payload):
    """identity.users.v1, key `role:<id>`. `group_access` null means every group."""

    type: Literal["role"] = "role"
    id: Id
    name: str
    permissions: list[str]
    group_access: list[GroupAccess] | None = []
    version: int
    removed: bool = False


class ApiKeyDocument(Payload):
    """identity.users.v1, key `api_key:<id>`: what a key may do at most; null = what its user may."""

    type: Literal["api_key"] = "api_key"
    id: Id
    user_id: Id
    permissions: list[str] | None = None
    version: int
    removed: bool = False


class SettingsDocument(Payload):
    """identity.users.v1, key `settings`: the workspace's region, zone, language and calendar."""

    type: Literal["settings"] = "settings"
    id: Literal["settings"] = "settings"
    region: str = "US"
    time_zone: str = "UTC"
    language: Literal["en", "fa"] = "en"
    calendar: Literal["gregorian", "jalali"] = "gregorian"
    version: int = 0


# --- operations ------------------------------------------------------------------------------------------------------


class JobDocument(Payload):
    """operations.jobs.v1: a job as GET /jobs/{id} shows it."""

    id: Id
    version: int
    kind: str
    state: Literal["queued", "running", "paused", "done", "failed", "cancelled"]
    progress: dict[str, int | None]
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    created_by: Id | None = None


FACTS: dict[str, tuple[Topic, type[Payload]]] = {
    "customers.customer.created": (topics.CUSTOMER_EVENTS, CustomerCreated),
    "customers.customer.changed": (topics.CUSTOMER_EVENTS, CustomerChanged),
    "customers.customer.group_added": (topics.CUSTOMER_EVENTS, GroupAdded),
    "customers.customer.group_removed": (topics.CUSTOMER_EVENTS, GroupRemoved),
    "customers.customer.enabled": (topics.CUSTOMER_EVENTS, CustomerEnabled),
    "customers.customers.imported": (topics.CUSTOMER_EVENTS, CustomersImported),
    "imports.batch.submitted": (topics.IMPORT_BATCHES, ImportBatch),
    "imports.batch.written": (topics.IMPORT_RESULTS, ImportResults),
}

STATES: dict[Topic, tuple[type[Payload], ...]] = {
    topics.CUSTOMERS: (CustomerDocument,),
    topics.DEFINITIONS: (GroupDefinition, SectionDefinition, FieldDefinition, ListDefinition),
    topics.ENTRIES: (EntryDocument,),
    topics.TAGS: (TagDocument,),
    topics.MESSAGES: (MessageDocument,),
    topics.USERS: (UserDocument, RoleDocument, ApiKeyDocument, SettingsDocument),
    topics.JOBS: (JobDocument,),
}
