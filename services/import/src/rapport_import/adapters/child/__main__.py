"""The child's entry: one order as JSON on standard input, frames on standard output, then it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from rapport_chassis.no_room import is_no_room
from rapport_import.adapters.child.frames import DONE, FULL, REFUSED, write_frame
from rapport_import.adapters.child.limits import confine, raise_memory
from rapport_import.domain.files import FileFacts, FileRefused, Limits


def main() -> None:
    """Do the order; a refusal is a frame as well, everything else that fails shows as the exit code."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    # Whatever a library prints must not get between the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limits = Limits(**order["limits"])
    confine(limits)
    try:
        _do(order, limits, out)
    except FileRefused as refused:
        write_frame(out, REFUSED, {"code": refused.code, "detail": refused.detail})
    except MemoryError:
        detail = "Reading this file takes more memory than is allowed. Split it."
        write_frame(out, REFUSED, {"code": "file_too_large", "detail": detail})
    except BrokenPipeError:
        os._exit(1)  # the parent is gone: nobody wants the rest
    except OSError as error:
        if not is_no_room(error):
            raise
        write_frame(out, FULL, {"detail": str(error)})


def _do(order: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    if order["do"] == "inspect":
        facts = _inspect(order, limits)
        sheets = [sheet.document() for sheet in facts.sheets]
        head = {"format": facts.format, "encoding": facts.encoding, "delimiter": facts.delimiter}
        write_frame(out, DONE, head | {"sheets": sheets, "row_files": facts.row_files})
    elif order["do"] == "map":
        from rapport_import.adapters.child.map_rows import map_rows

        map_rows(order, out)
    else:
        from rapport_import.adapters.child.error_workbook import write_error_workbook

        write_error_workbook(order)
        write_frame(out, DONE, {})


def _inspect(order: dict[str, Any], limits: Limits) -> FileFacts:
    from rapport_import.adapters.files.sniff import sniff

    path, into = Path(order["path"]), Path(order["into"])
    if sniff(path) == "xlsx":
        from rapport_import.adapters.files.workbook import read_workbook

        return read_workbook(path, into, limits, lambda need: raise_memory(need, limits))
    from rapport_import.adapters.files.text_table import read_text

    return read_text(path, into, limits, order.get("encoding"), order.get("delimiter"))


main()
