"""An import service that stands alone: its database, bus and HTTP app, and a hand-written stand-in for customers."""

from __future__ import annotations

import asyncio
import contextlib
import io
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import orjson
import pytest

from rapport_chassis.service import run_worker
from rapport_contracts import topics
from rapport_import.bootstrap import SERVICE
from rapport_testkit.service import Standing, running

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture
def shared() -> Path:
    """The real files; the one allowed skip."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_PARTS = {
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="{target}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
}


class Files:
    """Makes files: proper ones by a library, hostile ones by hand."""

    def workbook(self, *rows: list[Any], merges: Sequence[tuple[str, str]] = (), name: str = "Sheet1") -> bytes:
        """A workbook of one sheet; a text that begins with `=` is a formula, `(formula, value)` one with its result."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = name
        for row in rows:
            sheet.append(row)
        for area, text in merges:
            sheet.merge_cells(area)
            sheet[area.split(":")[0]] = text
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def raw(self, cells: str | bytes, *, sheet: str = SHEET, target: str = "worksheets/sheet1.xml") -> bytes:
        """A workbook whose only sheet has exactly this XML inside `sheetData`."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, text in _PARTS.items():
                archive.writestr(part, text.replace("{target}", target))
            xml = sheet.format(cells).encode() if isinstance(cells, str) else cells
            archive.writestr(f"xl/{target}", xml)
        return content.getvalue()


@pytest.fixture
def files() -> Files:
    """The maker of files."""
    return Files()


class Customers:
    """Answers batches as customers does: each row written once, by (run, row); remembers all it was told."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self.commands: list[dict[str, Any]] = []
        self.written: dict[tuple[str, int], dict[str, Any]] = {}
        self.decide: Callable[[dict[str, Any]], tuple[str, str | None]] = lambda _: ("created", None)
        self.answers = 1  # how often each batch is answered
        self._seen: Counter[str] = Counter()

    async def serve(self) -> None:
        """Answer for ever."""
        while True:
            if not await self.once():
                await asyncio.sleep(0.01)

    async def once(self) -> int:
        """Answer what is there; how many batches it was."""
        delivered: Counter[str] = Counter()
        fresh = 0
        for envelope in await self._standing.read(topics.IMPORT_BATCHES):
            delivered[envelope["id"]] += 1
            if delivered[envelope["id"]] > self._seen[envelope["id"]]:
                self._seen[envelope["id"]] += 1
                fresh += 1
                await self._answer(envelope["data"])
        return fresh

    async def _answer(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        blob = orjson.loads(await self._standing.runtime.blobs.get(command["blob_key"]))
        rows = []
        for number, *cells in blob["rows"]:
            row = dict(zip(blob["columns"], cells, strict=True))
            known = self.written.setdefault((command["run_id"], number), row)
            assert known == row, f"row {number} came twice, and not the same"
            if known is row:
                outcome, reason = self.decide(row)
                customer = f"{command['run_id']}-{number}" if outcome == "created" else None
                rows.append([number, outcome, customer, reason])
        if rows:  # a repeated command was answered before
            await self._say(command, rows)

    async def _say(self, command: dict[str, Any], rows: list[Any]) -> None:
        last = {topics.CUSTOMERS.partition_of(row[2]): f"{row[2]}@1" for row in rows if row[2]}
        head = {name: command[name] for name in ("import_id", "run_id", "batch")}
        answer = head | {"rows": rows, "positions": list(last.values())}
        for _ in range(self.answers):
            await self._standing.publish(
                topics.IMPORT_RESULTS, command["run_id"], answer, type_="imports.batch.written"
            )


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Standing]:
    """The service with one group, `friends`."""
    async with running(SERVICE, tmp_path) as it:
        await it.group("friends", "Friends")
        await it.drain()
        yield it


@pytest.fixture
def customers(standing: Standing) -> Customers:
    """The stand-in for customers."""
    return Customers(standing)


class Person:
    """Somebody at the API: what a test does over and over, as one word each."""

    def __init__(self, standing: Standing, user: str = "master") -> None:
        self.standing = standing
        self.http = standing.client(user)

    async def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """Upload a file that is taken; the import."""
        answer = await self.http.post("/imports", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def preview(self, made: dict[str, Any], **query: Any) -> dict[str, Any]:
        """The preview."""
        answer = await self.http.get(f"/imports/{made['id']}/preview", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def suggested(self, made: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Settings that take every suggestion."""
        preview = await self.preview(made)
        columns = [{"column": one["column"], "target": one["suggestion"]} for one in preview["columns"]]
        named = {name: preview[name] for name in ("sheet", "header_row", "kind")}
        return named | {"groups": ["friends"], "mode": "duplicate", "columns": columns} | more

    async def decide(self, made: dict[str, Any], settings: dict[str, Any]) -> httpx.Response:
        """Send settings for the version that was made last."""
        version = (await self.http.get(f"/imports/{made['id']}")).json()["version"]
        path = f"/imports/{made['id']}/settings"
        return await self.http.put(path, json=settings, headers={"if-match": f'"{version}"'})

    async def begin(self, made: dict[str, Any], **more: Any) -> str:
        """Take every suggestion and run; the job's id."""
        decided = await self.decide(made, await self.suggested(made, **more))
        assert decided.status_code == 200, decided.text
        answer = await self.http.post(f"/imports/{made['id']}:run")
        assert answer.status_code == 202, answer.text
        job: str = answer.json()["id"]
        return job

    async def job_until(self, job_id: str, *states: str) -> dict[str, Any]:
        """Wait for a state; the job."""
        async with asyncio.timeout(60):
            while True:
                job: dict[str, Any] = (await self.http.get(f"/jobs/{job_id}")).json()
                if job["state"] in (states or ("done", "failed", "cancelled")):
                    return job
                await asyncio.sleep(0.05)

    async def error_rows(self, made: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of the error workbook."""
        answer = await self.http.get(f"/imports/{made['id']}/errors.xlsx")
        assert answer.status_code == 200, answer.text
        return list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))


@pytest.fixture
def person(standing: Standing) -> Person:
    """The master."""
    return Person(standing)


@pytest.fixture
def somebody(standing: Standing) -> Callable[[str], Person]:
    """Another user by id."""
    return lambda user: Person(standing, user)


Working = Callable[..., contextlib.AbstractAsyncContextManager[None]]


@pytest.fixture
def working(standing: Standing) -> Working:
    """`async with working(coroutine…)`: the service's worker runs, and the coroutines beside it."""

    @contextlib.asynccontextmanager
    async def run(*others: Any) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(run_worker(standing.runtime, standing.worker))]
        tasks += [asyncio.create_task(one) for one in others]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return run
