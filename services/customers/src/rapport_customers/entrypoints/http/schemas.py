"""Bodies of customers as the API takes and shows them (api.md, customers)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Kind = Literal["person", "organization"]
ContactKind = Literal["phone", "mobile", "fax", "email", "address", "website", "social", "whatsapp"]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _clean(text: str) -> str:
    if any(char < " " and char not in "\n\r\t" for char in text):
        raise ValueError("control characters are not text")
    return text


def _or_none(text: str | None) -> str | None:
    return text or None


Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_clean)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_clean)]
Text = Annotated[Said | None, AfterValidator(_or_none)]
LongText = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_clean)] | None,
    AfterValidator(_or_none),
]


class Body(BaseModel):
    """A request's body: what it does not know is refused, so that a misspelt field is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class ContactIn(Body):
    """A contact point (C2). `e164` is read-only: it is worked out from the value."""

    kind: ContactKind
    value: Annotated[Said, Field(min_length=1)]
    label: Text = None
    primary: bool = False
    e164: str | None = Field(default=None, max_length=500, description="read-only; ignored")


class AddressIn(Body):
    """The location; parts that are not said stay as they are."""

    street: Text = None
    city: Text = None
    province: Text = None
    postal_code: Text = None
    country: Text = None


class LinkIn(Body):
    """A person's membership of an organization (C1)."""

    id: Id
    position: Text = None


class CustomerPatch(Body):
    """A JSON merge patch (RFC 7396) of a customer; arrays are replaced whole."""

    title: Text = None
    first_name: Text = None
    last_name: Text = None
    name: Text = None
    company_name: Text = None
    position: Text = None
    description: LongText = None
    groups: Annotated[list[Id], Field(max_length=500)] | None = None
    contacts: Annotated[list[ContactIn], Field(max_length=200)] | None = None
    address: AddressIn | None = None
    fields: Annotated[dict[Id, Any], Field(max_length=500)] | None = Field(
        default=None, description="custom field id → value, a list when multiple; null unsets"
    )
    organizations: Annotated[list[LinkIn], Field(max_length=200)] | None = None
    related_to: Id | None = Field(default=None, description="a customer of kind organization")

    def said(self) -> dict[str, Any]:
        """Only what the request said, as plain values."""
        return self.model_dump(exclude_unset=True, exclude={"kind"})


class NewCustomer(CustomerPatch):
    """A customer to create, in at least one group and with a name or a contact."""

    kind: Kind


class ContactOut(BaseModel):
    """A contact point. `e164` is the phone key; null for other kinds and for what could not be read as a number."""

    kind: ContactKind
    label: str | None
    value: str
    e164: str | None
    primary: bool


class AddressOut(BaseModel):
    """The location."""

    street: str | None
    city: str | None
    province: str | None
    postal_code: str | None
    country: str | None


class LinkOut(BaseModel):
    """A membership."""

    id: str
    position: str | None


class MemberOut(BaseModel):
    """A member of an organization."""

    id: str
    display_name: str
    position: str | None
    enabled: bool


class CustomerOut(BaseModel):
    """A customer as the caller may see it. Keys of the other kind are absent."""

    id: str
    kind: Kind
    title: str | None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company_name: str | None = None
    position: str | None = None
    description: str | None
    groups: list[str]
    contacts: list[ContactOut]
    address: AddressOut | None
    fields: dict[str, Any]
    organizations: list[LinkOut] = []
    members: list[MemberOut] = Field(default=[], description="of an organization, the first 100; `/members` pages all")
    related_to: str | None
    enabled: bool
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int


class CustomerPage(BaseModel):
    """A page of customers (without `members`)."""

    items: list[CustomerOut]
    next: str | None


class MemberPage(BaseModel):
    """A page of an organization's members."""

    items: list[MemberOut]
    next: str | None


class ChangeOut(BaseModel):
    """One field's change."""

    field: str = Field(description="`first_name`, `contacts`, `address.city`, `custom.<id>`, …")
    from_: Any = Field(alias="from")
    to: Any


class HistoryEntry(BaseModel):
    """Who changed what, when and by which means (C9)."""

    version: int
    at: datetime
    by: str
    via: str = Field(description="`form`, `api_key:<id>`, `import:<id>`, `job:<id>`")
    action: Literal["created", "changed", "enabled", "disabled"]
    changes: list[ChangeOut]


class HistoryPage(BaseModel):
    """A page of history, newest first."""

    items: list[HistoryEntry]
    next: str | None


class Ids(Body):
    """Which customers."""

    ids: Annotated[list[Id], Field(max_length=500)]


class FewIds(Body):
    """Which customers, for a page."""

    ids: Annotated[list[Id], Field(max_length=100)]


class Summary(BaseModel):
    """A customer's name and state."""

    id: str
    version: int
    kind: Kind
    display_name: str
    enabled: bool


class Summaries(BaseModel):
    """Those of the asked ones that the caller may see."""

    items: list[Summary]


class Customers(BaseModel):
    """Those of the asked ones that the caller may see."""

    items: list[CustomerOut]
