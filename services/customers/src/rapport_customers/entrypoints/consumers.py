"""What customers does with topics: it writes the batches of imports (I8)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.blobs import BlobMissing, Blobs
from rapport_chassis.consumer import Consumer
from rapport_chassis.db import Tx
from rapport_chassis.problems import Problem
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_contracts.events import ImportBatch
from rapport_customers.application.write_import_batch import write_batch

_TOGETHER: Final = 3  # batches in one transaction: half of what one run has outstanding
_log = logging.getLogger(__name__)


class ImportBatches:
    """The consumer of imports.batches.v1."""

    def __init__(self, blobs: Blobs, directory: Directory) -> None:
        self._blobs = blobs
        self._directory = directory

    def consumer(self) -> Consumer:
        """As the worker runs it."""
        return Consumer(
            topics.IMPORT_BATCHES, "customers.imports", self.handle, prepare=self.fetch, batch=_TOGETHER, rest=0
        )

    async def fetch(self, messages: Sequence[Message]) -> dict[str, bytes]:
        """The rows of each batch by blob key; those of a cancelled import may be gone."""
        keys = [message.data["blob_key"] for message in messages]
        fetched = await asyncio.gather(*map(self._rows, keys))
        return {key: rows for key, rows in zip(keys, fetched, strict=True) if rows is not None}

    async def _rows(self, key: str) -> bytes | None:
        try:
            return await self._blobs.get(key)
        except BlobMissing:
            _log.warning("the rows of a batch are gone", extra={"blob": key})
            return None

    def handle(self, tx: Tx, messages: Sequence[Message], rows: Mapping[str, bytes]) -> None:
        """Write each batch whose rows are there."""
        for message in messages:
            batch = ImportBatch.model_validate(message.data)
            if batch.blob_key in rows:
                write_batch(tx, batch, rows[batch.blob_key], self._caller(batch))

    def _caller(self, batch: ImportBatch) -> Caller | None:
        try:
            return self._directory.acting_for(batch.by, f"import:{batch.import_id}")
        except Problem:
            return None
