"""One tantivy index: a reader that follows the writer's commits, in whichever process, and the writer itself."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import tantivy

from rapport_chassis.db import DiskFull, EngineUnavailable
from rapport_chassis.no_room import is_no_room
from rapport_search.adapters.embedded.documents import document_of
from rapport_search.adapters.embedded.snapshot import Snapshot
from rapport_search.application.ports import Bucket, Change, Page, Sort
from rapport_search.domain.plan import Plan

P = ParamSpec("P")
T = TypeVar("T")
HEAP_BYTES: Final = 32_000_000
_SLICE: Final = 500
_THREAD_ENDED: Final = "An error occurred in a thread"  # mostly for want of room, which it met before us
_NO_ROOM: Final = ("StorageFull", "No space left", "os error 28", "QuotaExceeded", "os error 122")


class Reader:
    """Reads an index; sees a commit as soon as it is made, because the folder's meta file says so."""

    def __init__(self, path: Path, pool: Executor) -> None:
        self._meta = path / "meta.json"
        self._index = tantivy.Index.open(str(path))
        self._index.config_reader("manual")
        self._pool = pool
        self._seen: tuple[int, int] | None = None
        self._lock = threading.Lock()

    async def search(self, plan: Plan, sort: Sort, limit: int, after: str | None, *, count: bool) -> Page:
        """As the port says."""
        return await self._run(Snapshot.search, plan, sort, limit, after, count)

    async def count(self, plan: Plan) -> int:
        """As the port says."""
        return await self._run(Snapshot.count, plan)

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[Bucket]]:
        """As the port says."""
        return await self._run(Snapshot.facets, plan, fields, size)

    async def scan(self, plan: Plan, chunk: int) -> AsyncIterator[list[tuple[str, int]]]:
        """As the port says."""
        chunks = self.snapshot().scan(plan, chunk)
        loop = asyncio.get_running_loop()
        while (some := await loop.run_in_executor(self._pool, _next, chunks)) is not None:
            yield some

    async def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """As the port says."""
        return await self._run(Snapshot.versions_of, ids)

    async def digest(self, partition: int) -> dict[int, tuple[int, int]]:
        """As the port says."""
        return await self._run(Snapshot.digest, partition)

    async def held(self, bucket: int) -> dict[str, int]:
        """As the port says."""
        return await self._run(Snapshot.held, bucket)

    def snapshot(self) -> Snapshot:
        """The index as of its last commit. Raises `EngineUnavailable` when it was removed."""
        try:
            status = self._meta.stat()
        except FileNotFoundError as error:
            raise EngineUnavailable("the index was removed") from error
        mark = (status.st_mtime_ns, status.st_ino)
        if mark != self._seen:
            with self._lock:
                self._index.reload()
                self._seen = mark
        return Snapshot(self._index, self._index.searcher())

    async def _run(self, fn: Callable[Concatenate[Snapshot, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: fn(self.snapshot(), *args, **kwargs))


def _next(chunks: Iterator[list[tuple[str, int]]]) -> list[tuple[str, int]] | None:
    return next(chunks, None)


class Writer(Reader):
    """The only writer of an index; it holds tantivy's lock until closed or killed."""

    patience = 0.5  # it works in a process of low priority
    rest = 0.3  # every commit reads what the merger wrote anew

    def __init__(self, path: Path, pool: Executor) -> None:
        super().__init__(path, pool)
        self._name = path.name
        self._writer: tantivy.IndexWriter | None = self._opened()
        self._schema = self._index.schema
        self._thread = ThreadPoolExecutor(1, f"index-{path.name}")

    async def index(self, changes: Iterable[Change]) -> int:
        """As the port says."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._index_now, changes)

    async def remove(self, ids: Sequence[str]) -> None:
        """As the port says."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._remove_now, ids)

    async def close(self) -> None:
        """Waits for what is being written; merges under way are given up, as in a crash."""
        await asyncio.to_thread(self._thread.shutdown)
        self._writer = None

    def _index_now(self, changes: Iterable[Change]) -> int:
        """A slice at a time: few customers are in memory at once, and tantivy works on one slice while the next is made."""
        taken: dict[str, int] = {}
        rest = iter(changes)
        with self._committed(lambda: bool(taken)) as writer:
            while some := list(islice(rest, _SLICE)):
                self._add(writer, some, taken)
        return len(taken)

    def _add(self, writer: tantivy.IndexWriter, changes: Sequence[Change], taken: dict[str, int]) -> None:
        known = self.snapshot().versions_of([change.id for change in changes]) | taken
        for change in changes:
            held = known.get(change.id)
            if held is not None and held >= change.version:
                continue
            if held is not None:
                writer.delete_documents_by_term("id", change.id)
            writer.add_document(tantivy.Document.from_dict(document_of(change), self._schema))
            known[change.id] = taken[change.id] = change.version

    def _remove_now(self, ids: Sequence[str]) -> None:
        with self._committed(lambda: bool(ids)) as writer:
            for customer_id in ids:
                writer.delete_documents_by_term("id", customer_id)

    @contextlib.contextmanager
    def _committed(self, changed: Callable[[], bool]) -> Iterator[tantivy.IndexWriter]:
        """All of it or nothing; without a change there is no commit. Raises `EngineUnavailable`, `DiskFull`."""
        writer = self._writer = self._writer or self._opened()
        try:
            yield writer
            if changed():
                writer.commit()
        except BaseException as error:
            self._undo(writer)
            if away := self._away(error):
                raise away from error
            raise

    def _undo(self, writer: tantivy.IndexWriter) -> None:
        """Forget what was not committed; a writer that cannot do even that is let go, and another one made when it is needed."""
        try:
            writer.rollback()
        except (OSError, ValueError):
            self._writer = None

    def _opened(self) -> tantivy.IndexWriter:
        try:
            return self._index.writer(HEAP_BYTES, 1)
        except (OSError, ValueError) as error:
            other = EngineUnavailable(f"the index {self._name} has another writer: {error}")
            raise self._away(error) or other from error

    def _away(self, error: BaseException) -> EngineUnavailable | None:
        """What tantivy's error says of the files, if it does, in its own words; a document is to blame for neither."""
        words = f"the index {self._name}: {error}"
        if is_no_room(error) or any(word in words for word in _NO_ROOM):
            return DiskFull(words)
        return EngineUnavailable(words) if _THREAD_ENDED in words else None
