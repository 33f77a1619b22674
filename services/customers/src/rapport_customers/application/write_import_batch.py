"""Write one batch of an import (I4, I5, I8): set-based, in one transaction, once however often it is delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_ids
from rapport_contracts import topics
from rapport_contracts.events import ImportBatch
from rapport_contracts.topics import Topic
from rapport_customers.application.match_rows import Matcher, Subject
from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import Change, new_document
from rapport_customers.domain.import_rows import Row, RowReader, RowRefused, created, merged
from rapport_customers.domain.keys import Key, match_keys
from rapport_customers.domain.matching import Rule
from rapport_customers.store import definitions, imports, matching, writing
from rapport_customers.store.writing import Author

Result = tuple[int, str, str | None, str | None]
"""Row number, outcome, customer, reason."""


def write_batch(tx: Tx, batch: ImportBatch, content: bytes, caller: Caller | None) -> None:
    """Write the rows of `content` (the batch's blob) that are not written yet, and say what became of each.

    `caller` acts with the rights that the user has now; None when the user is gone. A row that cannot be written is
    `failed` with a reason for a person; nothing of it is written, and the others are.
    """
    blob = orjson.loads(content)
    numbers = [cells[0] for cells in blob["rows"]]
    known = imports.known_rows(tx.conn, batch.run_id, min(numbers, default=0), max(numbers, default=0))
    rows = [cells for cells in blob["rows"] if not known(cells[0])]
    if not rows:
        return
    writer = _Writer(tx, batch, caller)
    try:
        writer.write(blob["columns"], rows)
    except RowRefused as refused:
        writer.results = [(cells[0], "failed", None, str(refused)) for cells in rows]
    writer.finish()


@dataclass
class _Writer:
    tx: Tx
    batch: ImportBatch
    caller: Caller | None
    results: list[Result] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)
    definitions: Definitions = field(init=False)
    matcher: Matcher | None = None
    new_keys: dict[str, list[Key]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.definitions = definitions.hold(self.tx)
        self.required = [one for one in self.definitions.fields.values() if one.required]

    def write(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        caller = self._entitled(columns)
        reader = RowReader(self.batch.kind, columns, self.definitions)
        read = [row for cells in rows if (row := self._read(reader, caller, cells))]
        if self.batch.mode == "merge" and self.batch.match:
            rule = Rule.of(self.batch.match.fields, self.batch.match.combine, self.batch.kind)
            matching.settle_all(self.tx)
            self.matcher = Matcher(self.tx.conn, rule, self.batch.kind, caller.view_groups, read)
        template = new_document(self.batch.kind, "", writing.as_text(self.tx), self.batch.by)
        for row, id_ in zip(read, new_ids(len(read)) if read else (), strict=True):
            try:
                self._write_row(row, id_, template, caller)
            except RowRefused as refused:
                self._result(row, "failed", None, str(refused))

    def _entitled(self, columns: Sequence[str]) -> Caller:
        caller = self.caller
        if caller is None or not caller.can("imports.run"):
            raise RowRefused("The user who started this import may not import any more.")
        self._refuse_groups(caller, self.batch.groups)
        for target in columns:
            field_id = target.removeprefix("custom.")
            if field_id != target and not self.definitions.seen_by(field_id, caller.view_groups):
                raise RowRefused("A custom field of this import is gone.")
        return caller

    def _refuse_groups(self, caller: Caller, groups: Iterable[str]) -> None:
        for group in groups:
            if group not in self.definitions.groups or not caller.sees_any([group]):
                raise RowRefused("A group of this import is gone.")
            if not caller.edits_any([group]):
                raise RowRefused(f"You may not add customers to the group “{self.definitions.groups[group].name}”.")

    def _read(self, reader: RowReader, caller: Caller, cells: Sequence[Any]) -> Row | None:
        try:
            row = reader.read(cells)
            if row.groups:
                self._refuse_groups(caller, row.groups)
        except RowRefused as refused:
            self.results.append((cells[0], "failed", None, str(refused)))
            return None
        return row

    def _write_row(self, row: Row, id_: str, template: dict[str, Any], caller: Caller) -> None:
        count, subject = self.matcher.matches(row) if self.matcher else (0, None)
        groups = self.batch.groups if not row.groups else list(dict.fromkeys([*self.batch.groups, *row.groups]))
        if count > 1:
            self._result(row, "ambiguous", None, f"The row matches {count} customers.")
        elif subject is not None:
            self._merge(row, subject, groups, caller)
        elif self.batch.mode == "merge" and self.batch.when_unmatched == "skip":
            self._result(row, "skipped", None, "The row matches no customer.")
        else:
            self._create(row, id_, groups, template)

    def _create(self, row: Row, id_: str, groups: list[str], template: dict[str, Any]) -> None:
        if not groups:
            raise RowRefused("The row has no group.")
        for one in self.required:
            if one.id not in row.fields and self.definitions.shows(one.id, groups):
                raise RowRefused(f"“{one.title}” is required.")
        subject = self.subjects[id_] = Subject(created(template, id_, row, groups))
        self.new_keys[id_] = row.keys
        if self.matcher:
            self.matcher.created(row, subject)
        self._result(row, "created", id_)

    def _merge(self, row: Row, subject: Subject, groups: list[str], caller: Caller) -> None:
        id_ = subject.document["id"]
        if not caller.edits_any(subject.document["groups"]):
            raise RowRefused("The row matches a customer that you may not change.")
        after = merged(subject.document, row, groups, self.definitions)
        if after is None:
            self._result(row, "unchanged", id_)
            return
        subject.document = after
        if self.matcher:
            self.matcher.changed(subject)
        self.subjects[id_] = subject
        self.new_keys.pop(id_, None)  # its keys are no longer those of one row
        self._result(row, "changed", id_)

    def _result(self, row: Row, outcome: str, id_: str | None, reason: str | None = None) -> None:
        self.results.append((row.number, outcome, id_, reason))

    def finish(self) -> None:
        """Write what the rows became, the outcomes, one fact for logging and the answer for import."""
        author = Author(self.batch.by, f"import:{self.batch.import_id}")
        new = [one.document for one in self.subjects.values() if one.before is None]
        changes = [Change(one.before, one.document) for one in self.subjects.values() if one.before and one.changed]
        if new:
            writing.insert_new(self.tx, [(one, self.new_keys.get(one["id"]) or match_keys(one)) for one in new], author)
        if changes:
            writing.save_changes(self.tx, changes, author)
        self.results.sort()
        imports.save_written(self.tx, self.batch.run_id, self.results[0][0], self.results[-1][0])
        came: dict[str, list[str]] = {}
        added = [(one["id"], one["groups"]) for one in new]
        for id_, groups in added + [(change.after["id"], change.groups_added) for change in changes]:
            for group in groups:
                came.setdefault(group, []).append(id_)
        if self.subjects:
            self._say_imported([one["id"] for one in new], [one.after["id"] for one in changes], came)
        self._answer([f"{one['id']}@{one['version']}" for one in (*new, *(change.after for change in changes))])

    def _say_imported(self, new: list[str], changed: list[str], came: dict[str, list[str]]) -> None:
        fact = self._head() | {"by": self.batch.by, "created": new, "changed": changed, "groups": came}
        self._publish(topics.CUSTOMER_EVENTS, self.batch.import_id, "customers.customers.imported", fact)

    def _answer(self, positions: list[str]) -> None:
        last = {topics.CUSTOMERS.partition_of(position.partition("@")[0]): position for position in positions}
        answer = self._head() | {"rows": self.results, "positions": list(last.values())}
        self._publish(topics.IMPORT_RESULTS, self.batch.run_id, "imports.batch.written", answer)

    def _head(self) -> dict[str, Any]:
        return {"import_id": self.batch.import_id, "run_id": self.batch.run_id, "batch": self.batch.batch}

    def _publish(self, topic: Topic, key: str, type_: str, data: dict[str, Any]) -> None:
        natural = f"{self.batch.run_id}:{self.batch.batch}:{self.results[0][0]}"
        self.tx.publish_fact(topic, key, type_, orjson.dumps(data), event_id=natural)
