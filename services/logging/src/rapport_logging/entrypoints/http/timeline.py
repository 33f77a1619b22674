"""/customers/{id}/timeline (L9) and its verification (L1, L12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.clock import from_micros, to_micros
from rapport_chassis.http import After, Limit, decode_cursor, encode_cursor, page, requires, runtime_of
from rapport_chassis.problems import FieldError, Invalid
from rapport_logging.application.read_timeline import AskTimeline, read_timeline
from rapport_logging.application.verify_timeline import verify_timeline as verify
from rapport_logging.entrypoints.http import schemas
from rapport_logging.entrypoints.http.seeing import answer, db_of, page_shown, require_all
from rapport_logging.store.timeline import Place

router = APIRouter(tags=["timeline"])
Text = Annotated[str, Query(max_length=200, description="words that an entry has in one of its parts")]
Several = Annotated[list[str], Query(max_length=50, description="one or more, repeated or separated by commas")]


@router.get("/customers/{customer_id}/timeline", response_model=schemas.EntryList)
async def read_customer_timeline(
    request: Request,
    customer_id: str,
    q: Text = "",
    parts: Several = [],  # noqa: B006  FastAPI copies defaults
    kinds: Several = [],  # noqa: B006
    tags: Several = [],  # noqa: B006
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("entries.view"),
) -> Response:
    """The customer's entries, newest first: with `q` in `parts` (text, description, tags, kind, user), of `kinds`, with `tags`.

    A filtered page looks at 20,000 entries at most: it may be short, or empty, and still have a `next`.
    """
    await require_all(request, caller, [customer_id])
    directory = runtime_of(request).directory
    ask = AskTimeline(q, _split(parts), _split(kinds), _split(tags))
    found = await db_of(request).read(
        read_timeline, customer_id, ask, _place(after), limit, directory.user_name, directory.users_named
    )
    next_ = encode_cursor(to_micros(found.next[0]), found.next[1]) if found.next else None
    return answer(page(await page_shown(request, caller, customer_id, found), next_))


@router.get("/customers/{customer_id}/timeline:verify", response_model=schemas.VerificationOut)
async def verify_customer_timeline(
    request: Request, customer_id: str, caller: Caller = requires("entries.view")
) -> Response:
    """Whether the system entries of the timeline are as they were written; else the first thing that is not."""
    await require_all(request, caller, [customer_id])
    return answer((await db_of(request).read(verify, customer_id)).document)


def _split(given: list[str]) -> list[str]:
    return [one.strip() for several in given for one in several.split(",") if one.strip()]


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    micros, entry_id = decode_cursor(after, int, str)
    try:
        return from_micros(micros), entry_id
    except (ValueError, OverflowError, OSError) as error:
        detail = "“after” must be the “next” of a page."
        raise Invalid(detail, FieldError("after", "cursor", detail)) from error
