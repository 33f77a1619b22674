"""A file goes the whole way, from upload to the error workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any


async def test_the_real_contacts_are_imported_and_four_come_back(
    person: Any, customers: Any, working: Any, shared: Path
) -> None:
    """I1–I4, I8: 50 of 54 rows are good, the last four have neither name nor contact."""
    made = await person.upload("contacts-mautic.csv", (shared / "contacts-mautic.csv").read_bytes())
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(made))
    assert job["state"] == "done", job
    counts = {name: job["result"][name] for name in ("read", "created", "failed", "changed")}
    assert counts == {"read": 54, "created": 50, "failed": 4, "changed": 0}
    assert job["progress"] == {"done": 54, "total": 54}
    assert job["result"]["position"].count("@1") > 3
    keys = {row["phone"][0][1] for row in customers.written.values()}
    assert {"+27821189037", "+15052921492", "+61353302874", "+12504534211"} <= keys  # by each row's own country
    rows = await person.error_rows(made)
    assert len(rows) == 5
    assert rows[0][:3] == ("title", "firstname", "lastname")
    assert rows[1][3:8] == ("Port Elizabeth", "1930 Uitsig St", "Eastern Cape", "6204", "South Africa")
    assert rows[1][16] == "neither a name nor a contact"
