"""How long the files of an import are kept after its run ended, and the refusal when they are kept no more (ADR 0137)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rapport_chassis.problems import Problem
from rapport_import.store.imports import ImportRow
from rapport_import.store.sweeping import Swept

FILE_KEPT: Final = timedelta(days=30)
ERRORS_KEPT: Final = timedelta(days=90)


def refuse_without_file(found: ImportRow) -> None:
    """Raises `Problem` 410 `file_expired` when the file and its rows are kept no more."""
    if found.swept >= Swept.FILE_GOING:
        raise _expired(f"The file of an import is kept for {FILE_KEPT.days} days after it ended. Upload it again.")


def refuse_without_errors(found: ImportRow) -> None:
    """Raises `Problem` 410 `file_expired` when the error workbook is kept no more."""
    if found.swept >= Swept.ERRORS_GOING:
        raise _expired(f"The file of the rows that were not written is kept for {ERRORS_KEPT.days} days.")


def _expired(detail: str) -> Problem:
    return Problem("file_expired", detail, status=410)
