"""Bodies of groups, custom fields, sections and lists as the API takes and shows them (api.md, customers)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from rapport_customers.entrypoints.http.schemas import Body, Id, Named

FieldType = Literal["text", "integer", "boolean", "date", "list"]
Placement = Literal["basic", "additional"]
Position = Annotated[int, Field(ge=0, le=100_000, description="place among its siblings; last when not said")]
ListName = Annotated[Named, StringConstraints(pattern=r"^[^/\\?#%]+$")]


class Patch(Body):
    """A JSON merge patch whose members cannot be unset: null is refused unless a field says otherwise."""

    @model_validator(mode="after")
    def _nothing_unset(self) -> Patch:
        for name in self.model_fields_set - self.nullable():
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be null")
        return self

    @classmethod
    def nullable(cls) -> set[str]:
        """Members that may be null."""
        return set()

    def said(self) -> dict[str, Any]:
        """Only what the request said."""
        return self.model_dump(exclude_unset=True)


class NewGroup(Body):
    """A group to create (C3)."""

    name: Named
    parent_id: Id | None = None
    position: Position | None = None


class GroupPatch(Patch):
    """Rename, move (`parent_id` null: to the top), reorder."""

    name: Named | None = None
    parent_id: Id | None = None
    position: Position | None = None

    @classmethod
    def nullable(cls) -> set[str]:
        """Null moves to the top."""
        return {"parent_id"}


class GroupOut(BaseModel):
    """A group; `count` is of customers directly in it."""

    id: str
    name: str
    parent_id: str | None
    position: int
    count: int
    version: int


class GroupPage(BaseModel):
    """All groups that the caller sees, depth first."""

    items: list[GroupOut]
    next: str | None


class NewField(Body):
    """A custom field to create (C4)."""

    title: Named
    type: FieldType
    section_id: Id
    position: Position | None = None
    group_ids: Annotated[list[Id], Field(max_length=200, default_factory=list)]
    list_name: Named | None = Field(default=None, alias="list", description="the list's name, for type list")
    multiple: bool = False
    placement: Placement = "basic"
    required: bool = False
    visible_in_search: bool = False

    def said(self) -> dict[str, Any]:
        """The attributes of the domain's field."""
        return _attributes(self.model_dump())


class FieldPatch(Patch):
    """Change a custom field; type, list and multiple only while no customer holds a value."""

    title: Named | None = None
    type: FieldType | None = None
    section_id: Id | None = None
    position: Position | None = None
    group_ids: Annotated[list[Id], Field(max_length=200)] | None = None
    list_name: Named | None = Field(default=None, alias="list")
    multiple: bool | None = None
    placement: Placement | None = None
    required: bool | None = None
    visible_in_search: bool | None = None

    @classmethod
    def nullable(cls) -> set[str]:
        """A field that becomes another type loses its list."""
        return {"list_name"}

    def said(self) -> dict[str, Any]:
        """The attributes of the domain's field that were said."""
        return _attributes(self.model_dump(exclude_unset=True))


def _attributes(said: dict[str, Any]) -> dict[str, Any]:
    names = {"type": "field_type", "list_name": "list"}
    named = {names.get(name, name): value for name, value in said.items()}
    if "group_ids" in named:
        named["group_ids"] = tuple(dict.fromkeys(named["group_ids"]))
    return named


class FieldOut(BaseModel):
    """A custom field."""

    id: str
    title: str
    type: FieldType
    section_id: str
    position: int
    group_ids: list[str]
    list_name: str | None = Field(alias="list")
    multiple: bool
    placement: Placement
    required: bool
    visible_in_search: bool
    retired: bool
    version: int


class FieldPage(BaseModel):
    """All custom fields that the caller sees, by section and position."""

    items: list[FieldOut]
    next: str | None


class NewSection(Body):
    """A section to create."""

    title: Named
    position: Position | None = None


class SectionPatch(Patch):
    """Rename or move a section."""

    title: Named | None = None
    position: Position | None = None


class SectionOut(BaseModel):
    """A section of custom fields."""

    id: str
    title: str
    position: int
    built_in: bool
    version: int


class SectionPage(BaseModel):
    """All sections in order."""

    items: list[SectionOut]
    next: str | None


class NewList(Body):
    """A list to create, with the labels of its options."""

    name: ListName
    items: Annotated[list[Named], Field(max_length=5_000, default_factory=list)]


class NewItem(Body):
    """An option to add."""

    label: Named
    position: Position | None = None


class ItemPatch(Patch):
    """Rename or move an option. `If-Match` is the list's version."""

    label: Named | None = None
    position: Position | None = None


class ItemOut(BaseModel):
    """An option; customers hold its id."""

    id: str
    label: str
    position: int


class ListOut(BaseModel):
    """A list with its options in order."""

    id: str
    name: str
    items: list[ItemOut]
    version: int


class ListPage(BaseModel):
    """All lists by name."""

    items: list[ListOut]
    next: str | None


class ItemPage(BaseModel):
    """The options of a list, in order."""

    items: list[ItemOut]
    next: str | None
