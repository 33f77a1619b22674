"""What customers answers: folded into the counts of its batch once, wrong and ambiguous rows kept for the error workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rapport_chassis.db import Tx
from rapport_import.store.batches import Answer, record_answers
from rapport_import.store.tables import OUTCOMES

_KEPT: Final = {"failed": "not_written", "ambiguous": "ambiguous"}


def fold_results(tx: Tx, results: Sequence[Mapping[str, Any]]) -> None:
    """Fold payloads of `rapport_contracts.events.ImportResults` in; a repetition changes nothing."""
    record_answers(tx, [_answer(one) for one in results if one["run_id"] == one["import_id"]])


def _answer(result: Mapping[str, Any]) -> Answer:
    counts = Counter(row[1] for row in result["rows"] if row[1] in OUTCOMES)
    problems = [
        (row, outcome, _KEPT[outcome], reason or "it could not be written")
        for row, outcome, _, reason in result["rows"]
        if outcome in _KEPT
    ]
    return Answer(result["import_id"], result["batch"], counts, result.get("positions") or [], problems)
