"""Which part of a workbook holds which sheet (ECMA-376 part 2, "Relationships"), and which calendar its serials count in."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from rapport_import.domain.files import FileRefused

_ROOT, _BOOK = "_rels/.rels", "xl/workbook.xml"
_MOST_BYTES: Final = 8 << 20
Element = tuple[str, dict[str, str]]


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → the name of its part in the archive. Raises `FileRefused` `file_corrupt`."""
    names = {info.filename.lower(): info.filename for info in archive.infolist()}
    book = _book(archive, names)
    folder, _, name_of_book = book.rpartition("/")
    targets = _relations(archive, names, f"{folder}/_rels/{name_of_book}.rels".lstrip("/"))
    parts: dict[str, str] = {}
    for name, attributes in _elements(archive, names, book):
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), None)
        if name == "sheet" and "name" in attributes and relation in targets:
            path = _path(targets[relation][1], folder).lower()
            if path in names:
                parts[attributes["name"]] = names[path]
    return parts


def _book(archive: zipfile.ZipFile, names: dict[str, str]) -> str:
    """Where the workbook is: as the package says, usually `xl/workbook.xml`."""
    for kind, target in _relations(archive, names, _ROOT).values():
        if kind.endswith("/officeDocument"):
            return _path(target, "").lower()
    return _BOOK


def _relations(archive: zipfile.ZipFile, names: dict[str, str], part: str) -> dict[str, tuple[str, str]]:
    """Id → (type, target)."""
    return {
        attributes["Id"]: (attributes.get("Type", ""), attributes.get("Target", ""))
        for name, attributes in _elements(archive, names, part)
        if name == "Relationship" and "Id" in attributes
    }


def counts_from_1904(archive: zipfile.ZipFile) -> bool:
    """Whether date serials count from 1904 (ECMA-376 part 1, 18.2.28 `date1904`)."""
    names = {info.filename.lower(): info.filename for info in archive.infolist()}
    return any(
        name == "workbookPr" and attributes.get("date1904") in ("1", "true")
        for name, attributes in _elements(archive, names, _book(archive, names))
    )


def _path(target: str, folder: str) -> str:
    if target.startswith("/"):
        return target[1:]
    inside = not folder or target.startswith(f"{folder}/")
    return target.removeprefix("./") if inside else f"{folder}/{target.removeprefix('./')}"


def _elements(archive: zipfile.ZipFile, names: dict[str, str], part: str) -> Iterator[Element]:
    if part not in names:
        raise FileRefused("file_corrupt", "This workbook is damaged: its list of sheets is missing.")
    found: list[Element] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    try:
        with archive.open(names[part]) as file:
            parser.Parse(file.read(_MOST_BYTES), True)
    except (expat.ExpatError, EOFError, RuntimeError) as error:
        raise FileRefused("file_corrupt", "This workbook is damaged: its list of sheets cannot be read.") from error
    yield from found
