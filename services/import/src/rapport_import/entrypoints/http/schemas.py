"""The bodies of the import API: strict on the way in, complete on the way out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rapport_import.domain.settings import ColumnSetting, MatchSetting, Settings
from rapport_import.domain.text_formats import DELIMITERS, ENCODINGS

Place = Annotated[int, Field(ge=0, le=16_383, strict=True)]
RowNumber = Annotated[int, Field(ge=1, le=1_048_576, strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Kind = Literal["person", "organization"]
Region = Annotated[str, Field(min_length=2, max_length=2)]


class Body(BaseModel):
    """What is sent must be known: a field that does not exist is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


class ColumnBody(Body):
    """One column of the file and where it goes; `target` null leaves it out."""

    column: Place
    target: Word | None = None
    separator: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    values: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    region: Region | None = None


class MatchBody(Body):
    """On which targets a row and a customer must be the same (I5)."""

    fields: Annotated[list[Word], Field(min_length=1, max_length=50)]
    combine: Literal["all", "any"] = "all"


class SettingsBody(Body):
    """PUT /imports/{id}/settings."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "sheet": "Sheet1",
                    "header_row": 1,
                    "rows": "all",
                    "kind": "person",
                    "groups": ["0198f0c0a1b27c3d8e4f5a6b7c8d9e0f"],
                    "mode": "merge",
                    "when_unmatched": "create",
                    "match": {"fields": ["mobile", "email"], "combine": "any"},
                    "columns": [
                        {"column": 0, "target": "first_name"},
                        {"column": 3, "target": "mobile", "separator": ",", "region": "IR"},
                    ],
                }
            ]
        },
    )

    sheet: Word
    header_row: RowNumber | None = None
    rows: Annotated[str, Field(min_length=1, max_length=10_000)] = "all"
    kind: Kind
    groups: Annotated[list[Word], Field(max_length=500)] = []
    mode: Literal["duplicate", "merge"]
    when_unmatched: Literal["create", "skip"] = "create"
    match: MatchBody | None = None
    columns: Annotated[list[ColumnBody], Field(min_length=1, max_length=16_384)]

    @field_validator("groups")
    @classmethod
    def _once(cls, groups: list[str]) -> list[str]:
        return list(dict.fromkeys(groups))

    def settings(self) -> Settings:
        """As the domain knows them."""
        match = MatchSetting(tuple(dict.fromkeys(self.match.fields)), self.match.combine) if self.match else None
        columns = tuple(ColumnSetting(**one.model_dump()) for one in self.columns)
        plain = {"groups": tuple(self.groups), "match": match, "columns": columns}
        named = ("sheet", "header_row", "rows", "kind", "mode", "when_unmatched")
        return Settings(**({name: getattr(self, name) for name in named} | plain))


class ReadingBody(Body):
    """POST /imports/{id}:reread: how a text file is read; null detects."""

    encoding: str | None = None
    delimiter: str | None = None

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, encoding: str | None) -> str | None:
        if encoding is not None and encoding not in ENCODINGS:
            raise ValueError(f"must be one of {', '.join(ENCODINGS)}")
        return encoding

    @field_validator("delimiter")
    @classmethod
    def _delimiter(cls, delimiter: str | None) -> str | None:
        if delimiter is not None and delimiter not in DELIMITERS:
            raise ValueError("must be one of " + " ".join(map(repr, DELIMITERS)))
        return delimiter


class RunBody(Body):
    """POST /imports/{id}:run takes nothing (yet)."""


class SheetView(BaseModel):
    """A sheet: rows and columns up to the last filled one; the header that was found (from 1), null for none."""

    name: str
    rows: int
    columns: int
    header_row: int | None


class ProgressView(BaseModel):
    """Rows done of all; rows a second and seconds left while it runs."""

    done: int
    total: int | None
    rate: float | None
    seconds_left: float | None


class ResultView(BaseModel):
    """Counts of what was written."""

    read: int
    created: int
    changed: int
    unchanged: int
    skipped: int
    ambiguous: int
    failed: int


class ImportView(BaseModel):
    """An import. `problems`: rows in its error workbook. `kept`: the file and that workbook, only the workbook, or neither."""

    id: str
    file_name: str
    size: int
    format: Literal["xlsx", "text"]
    encoding: str | None
    delimiter: str | None
    sheets: list[SheetView]
    settings: dict[str, Any] | None
    state: Literal["ready", "queued", "running", "paused", "done", "failed", "cancelled"]
    job_id: str | None
    progress: ProgressView
    result: ResultView | None
    error: dict[str, Any] | None
    kept: Literal["file", "errors", "nothing"]
    problems: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    version: int


class ImportPage(BaseModel):
    """A page of imports."""

    items: list[ImportView]
    next: str | None


class OptionView(BaseModel):
    """An option of a list field."""

    id: str
    label: str


class TargetView(BaseModel):
    """Somewhere a column can go."""

    target: str
    label: str
    type: Literal["text", "phone", "email", "contact", "groups", "integer", "boolean", "date", "list"]
    kinds: list[Kind]
    multiple: bool
    matchable: bool
    options: list[OptionView] | None = None


class TargetPage(BaseModel):
    """All targets the caller may map to, and how text files can be read."""

    items: list[TargetView]
    next: None = None
    encodings: list[str] = list(ENCODINGS)
    delimiters: list[str] = list(DELIMITERS)


class ColumnView(BaseModel):
    """A column with what it holds and what it most likely is."""

    column: int
    header: str | None
    type: Literal["empty", "text", "integer", "number", "boolean", "date", "email", "phone", "website", "mixed"]
    samples: list[str]
    suggestion: str | None
    confidence: Annotated[float, Field(ge=0, le=1)]


class PreviewView(BaseModel):
    """Rows of the file as texts, with their numbers in it; `total` filled rows below the header."""

    sheet: str
    header_row: int | None
    kind: Kind
    remembered: bool
    columns: list[ColumnView]
    rows: list[list[str | None]]
    row_numbers: list[int]
    offset: int
    total: int
