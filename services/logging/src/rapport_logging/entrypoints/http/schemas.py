"""The bodies of logging's API: what is taken (unknown fields are refused) and what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MOST_CUSTOMERS = 500
_YEARS = range(1900, 2201)


def _plausible(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(f"the year must be {_YEARS[0]} to {_YEARS[-1]}")
    return at.astimezone(UTC)


When = Annotated[AwareDatetime, AfterValidator(_plausible)]
CustomerId = Annotated[str, Field(min_length=1, max_length=100)]


class Taken(BaseModel):
    """A body that is taken."""

    model_config = ConfigDict(extra="forbid")


class NewAction(Taken):
    """One action; it has a text, a tag, or both."""

    text: Annotated[str, Field(max_length=20_000)] = ""
    tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and not self.tags:
            raise ValueError("an action has a text or a tag")
        return self


Actions = Annotated[list[NewAction], Field(min_length=1, max_length=50)]


class NewEntry(Taken):
    """POST /log-entries."""

    customer_ids: Annotated[list[CustomerId], Field(min_length=1, max_length=MOST_CUSTOMERS)]
    occurred_at: When | None = Field(default=None, description="when it happened; now when left out")
    actions: Actions
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"customer_ids": ["0199…"], "actions": [{"text": "Asked for an offer", "tags": ["offer"]}]}]
        }
    )


class EntryPatch(Taken):
    """PATCH /log-entries/{id}: a merge patch (RFC 7396); `actions` are replaced whole, nothing can be null."""

    occurred_at: When | None = None
    actions: Actions | None = None

    @model_validator(mode="after")
    def _no_null(self) -> Self:
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be null")
        return self


class Description(Taken):
    """PUT /log-entries/{id}/description; an empty text takes it away."""

    text: Annotated[str, Field(max_length=20_000)]


class TagName(Taken):
    """A tag's name."""

    name: Annotated[str, Field(max_length=200)]


class Replacement(Taken):
    """POST /tags/{id}:replace."""

    by: Annotated[str, Field(min_length=1, max_length=100, description="the id of the tag that stays")]


TagState = Literal["system", "verified", "unverified"]


class TagRef(BaseModel):
    """A tag beside an entry."""

    id: str
    name: str
    state: TagState


class TagOut(TagRef):
    """A tag with how many entries carry it."""

    count: int
    created_by: str | None
    created_at: datetime
    version: int


class TagList(BaseModel):
    """A page of tags; `pending` (how many wait for verification) for those who may verify."""

    items: list[TagOut]
    next: str | None
    pending: int | None = None


class ActionOut(BaseModel):
    """One action with its tags as they are named today."""

    text: str
    tags: list[TagRef]


class DeliveryOut(BaseModel):
    """How far the message got."""

    state: str
    reason: str | None
    at: datetime


class LinkOut(BaseModel):
    """What the entry is about (L8)."""

    type: str
    id: str
    url: str


class EntryOut(BaseModel):
    """A log entry. `customer_ids` are those that the caller may see; `more_customers`: it may belong to others too."""

    id: str
    kind: str
    system: bool
    customer_ids: list[str]
    more_customers: bool = False
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str | None
    recorded_by_name: str | None
    actions: list[ActionOut]
    description: str | None
    described_by: str | None
    described_at: datetime | None
    delivery: DeliveryOut | None
    link: LinkOut | None
    data: dict[str, Any]
    version: int


class EntryList(BaseModel):
    """A page of a timeline, newest first."""

    items: list[EntryOut]
    next: str | None


class Before(BaseModel):
    """What an entry said."""

    occurred_at: datetime
    actions: list[ActionOut]
    description: str | None


class ChangeOut(BaseModel):
    """One change by a person and what the entry said before it."""

    version: int
    at: datetime
    by: str
    change: Literal["edited", "described", "deleted"]
    before: Before


class ChangeList(BaseModel):
    """The changes of an entry, newest first."""

    items: list[ChangeOut]
    next: str | None


class BrokenOut(BaseModel):
    """The first thing that does not hold."""

    chain: int
    position: int | None
    entry_id: str | None
    reason: str


class VerificationOut(BaseModel):
    """Whether the timeline's system entries are as they were written."""

    valid: bool
    entries: int
    broken: BrokenOut | None = None
