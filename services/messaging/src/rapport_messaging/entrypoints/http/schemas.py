"""Bodies and answers of messaging's routes, validated once, here at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rapport_messaging.domain.states import State
from rapport_messaging.domain.templates import LONGEST_TEXT

Channel = Literal["sms"]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
_MOST_IDS = 10_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GroupChoice(_Body):
    """A group, by itself or with everything below it."""

    id: Id
    subgroups: bool = False


class Audience(_Body):
    """Whom to write to: exactly one of the three."""

    query: dict[str, Any] | None = None
    group: Id | GroupChoice | None = None
    customer_ids: list[Id] | None = Field(default=None, min_length=1, max_length=_MOST_IDS)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.source()) != 1:
            raise ValueError("give exactly one of query, group, customer_ids")
        try:
            orjson.dumps(self.query)
        except TypeError as error:
            raise ValueError("the query is nested too deeply, or has a text that is no Unicode") from error
        return self

    def source(self) -> dict[str, Any]:
        """The one that was given."""
        return self.model_dump(exclude_none=True)


class Preview(_Body):
    """POST /messages:preview."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"channel": "sms", "audience": {"customer_ids": ["0197…"]}, "text": "Dear {{first_name|friend}}, …"}
            ]
        },
    )
    channel: Channel
    audience: Audience
    text: Text | None = None
    template_id: Id | None = None

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if (self.text is None) == (self.template_id is None):
            raise ValueError("give exactly one of text, template_id")
        return self


class Send(_Body):
    """POST /messages: what a preview takes, or the `audience_id` that a preview gave."""

    channel: Channel = "sms"
    audience_id: Id | None = None
    audience: Audience | None = None
    text: Text | None = None
    template_id: Id | None = None
    hold_seconds: int = Field(default=0, ge=0, le=86_400, description="so long it can be cancelled and nothing is sent")
    schedule: None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.audience_id is None and self.audience is None:
            raise ValueError("give audience_id, or an audience")
        if self.text is not None and self.template_id is not None:
            raise ValueError("give only one of text, template_id")
        if self.audience_id is None and self.text is None and self.template_id is None:
            raise ValueError("give one of text, template_id")
        return self


class Skipped(BaseModel):
    """Customers who get nothing, and why."""

    reason: Literal["no_contact", "opted_out", "disabled", "duplicate", "invalid", "empty_text", "too_long"]
    count: int
    customer_ids: list[str]


class Cost(BaseModel):
    """An estimate: parts times the price of one."""

    amount: str
    currency: str


class Sample(BaseModel):
    """The text as one real recipient gets it."""

    customer_id: str
    body: str


class PreviewOut(BaseModel):
    """Who gets it, who does not and why, and what it comes to; `parts` of the longest text among the recipients."""

    audience_id: str
    recipients: int
    skipped: list[Skipped]
    encoding: Literal["GSM-7", "UCS-2"]
    parts: int
    forced_by: str | None
    total_parts: int
    samples: list[Sample]
    cost: Cost | None = None


class JobOut(BaseModel):
    """The job that sends."""

    id: str
    kind: str
    state: Literal["queued", "running", "paused", "done", "failed", "cancelled"]
    progress: dict[str, int | None]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


class MessageOut(BaseModel):
    """One message with its delivery."""

    id: str
    channel: Channel
    direction: Literal["outgoing", "incoming"]
    customer_id: str | None
    address: str
    body: str
    state: State
    reason: str | None
    at: datetime
    created_at: datetime
    by: str | None
    job_id: str | None
    version: int


class MessagePage(BaseModel):
    """Messages, newest first."""

    items: list[MessageOut]
    next: str | None


class Resolve(_Body):
    """A person's word on an unknown outcome."""

    state: Literal["sent", "failed", "queued"]


class NewTemplate(_Body):
    """POST /templates."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    channel: Channel
    body: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    group_ids: list[Id] = Field(default=[], max_length=500, description="empty: a general template")


class TemplatePatch(_Body):
    """PATCH /templates/{id}: a JSON merge patch."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None
    channel: Channel | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)] | None = None
    group_ids: list[Id] | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _nothing_removed(self) -> Self:
        if removed := [name for name in self.model_fields_set if name != "group_ids" and getattr(self, name) is None]:
            raise ValueError(f"{removed[0]} cannot be removed")
        return self

    def changes(self) -> dict[str, Any]:
        """What is to be changed; `group_ids: null` makes it general."""
        changes = self.model_dump(exclude_unset=True)
        return changes | ({"group_ids": changes["group_ids"] or []} if "group_ids" in changes else {})


class TemplateOut(BaseModel):
    """A template."""

    id: str
    name: str
    channel: Channel
    body: str
    group_ids: list[str]
    version: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class TemplatePage(BaseModel):
    """Templates by name."""

    items: list[TemplateOut]
    next: str | None


class TemplateTrial(_Body):
    """POST /templates:preview: a text, saved or not, for one real customer."""

    channel: Channel = "sms"
    body: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    customer_id: Id


class TrialOut(BaseModel):
    """The text as that customer would get it, and its size."""

    text: str
    encoding: Literal["GSM-7", "UCS-2"]
    parts: int
    units: int
    forced_by: str | None


class Variable(BaseModel):
    """A variable that texts may use: `{{name}}`."""

    name: str
    title: str


class VariablePage(BaseModel):
    """The variables."""

    items: list[Variable]
    next: None = None


class ConsentIn(_Body):
    """PUT /consent; `how` the customer said so, in a few words."""

    state: Literal["in", "out", "none"]
    how: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None


class ConsentOut(BaseModel):
    """Consent of an address; `none` where nobody said anything."""

    channel: Channel
    address: str
    state: Literal["in", "out", "none"]
    at: datetime | None
    how: str | None


class PhoneMessage(BaseModel):
    """A message as the sandbox's phone sees it."""

    id: str
    direction: Literal["incoming", "outgoing"]
    body: str
    state: Literal["sent", "delivered", "failed"]
    at: datetime


class PhoneOut(BaseModel):
    """A phone of the sandbox."""

    number: str
    messages: int
    last: PhoneMessage


class PhonePage(BaseModel):
    """Phones, the last active first."""

    items: list[PhoneOut]
    next: str | None


class PhoneMessagePage(BaseModel):
    """Messages of a phone, newest first."""

    items: list[PhoneMessage]
    next: str | None


class PhoneReply(_Body):
    """What the phone answers."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
