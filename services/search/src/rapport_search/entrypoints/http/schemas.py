"""Bodies of search's routes, as the API's page has them; anything else in them is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Column = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_QUERY = "The query tree; without one, everything."
_EXAMPLE = {
    "all": [
        {"any": [{"field": "city", "op": "is", "value": "Tehran"}, {"field": "city", "op": "is", "value": "Shiraz"}]},
        {"none": [{"field": "group", "op": "is", "value": {"id": "0190a…", "subgroups": True}}]},
        {"field": "created_at", "op": "within_last", "value": {"amount": 7, "unit": "day"}},
    ]
}
Query = Annotated[dict[str, Any] | None, Field(description=_QUERY, examples=[_EXAMPLE])]


class Body(BaseModel):
    """Every body refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class SortBody(Body):
    """One sort key."""

    field: str = Field(examples=["name", "created_at"], max_length=100)
    direction: Literal["asc", "desc"] = "asc"


class SearchBody(Body):
    """A search."""

    query: Query = None
    filter: str | None = Field(None, max_length=64, description="id of a fixed or saved filter; the query narrows it")
    sort: list[SortBody] = Field([], max_length=1, description="without one: by name; recently viewed: as viewed")
    limit: int = Field(50, ge=0, le=500, description="0: only count and facets")
    after: str | None = Field(None, max_length=2_000, description="`next` of the page before")
    count: bool = True
    facets: list[str] = Field([], max_length=10, examples=[["groups", "city"]])


class ScanBody(Body):
    """A scan."""

    query: Query = None


class BucketAnswer(BaseModel):
    """One value of a facet."""

    value: str
    label: str
    count: int


class SearchAnswer(BaseModel):
    """A page of results. An item has what a table shows of a customer, with `display_name`, `phone`, `email`, `city`."""

    items: list[dict[str, Any]]
    count: int | None
    next: str | None
    facets: dict[str, list[BucketAnswer]]
    as_of: datetime


class QuickAnswer(BaseModel):
    """The best few."""

    items: list[dict[str, Any]]
    as_of: datetime


class FilterBody(Body):
    """A filter to save."""

    name: Name
    query: Query = None
    columns: list[Column] = Field([], max_length=50)
    sort: list[SortBody] = Field([], max_length=1)
    shared_with: list[Id] = Field([], max_length=50, description="ids of roles")


class FilterPatch(Body):
    """What changes of a filter; arrays are replaced whole."""

    name: Name = ""
    query: Query = None
    columns: list[Column] = Field([], max_length=50)
    sort: list[SortBody] = Field([], max_length=1)
    shared_with: list[Id] = Field([], max_length=50)


class FilterAnswer(BaseModel):
    """A filter."""

    id: str
    name: str
    fixed: bool
    own: bool
    query: dict[str, Any] | None
    columns: list[str]
    sort: list[SortBody]
    shared_with: list[str]
    version: int
    created_at: datetime | None = None
    updated_at: datetime | None = None


class FilterPage(BaseModel):
    """A page of filters; the fixed ones stand first on the first page."""

    items: list[FilterAnswer]
    next: str | None


class ViewedBody(Body):
    """A customer that the caller looked at."""

    customer_id: Id
