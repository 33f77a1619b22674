"""Problem documents (RFC 9457): the one way in which Rapport says no. `code` is a stable word from the API's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a body: its path (`groups.0`, `query.all.1.value`), a code, and words."""

    field: str
    code: str
    detail: str


class Problem(Exception):  # noqa: N818  the RFC's word
    """A refusal with a status, a stable code and a sentence for a person. Nothing was changed."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = more

    def document(self) -> dict[str, Any]:
        """As it travels: `type`, `title`, `status`, `code`, `detail`, `errors` of fields, and what is said beside."""
        document: dict[str, Any] = {
            "type": f"https://rapport.example/problems/{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [asdict(one) for one in self.errors]
        return document | self.more


class NotFound(Problem):
    """404 `not_found`: there is none, or the caller may not know that there is one."""

    def __init__(self, detail: str = "There is nothing here.") -> None:
        super().__init__("not_found", detail, status=404)


class Forbidden(Problem):
    """403, code `forbidden` unless said otherwise."""

    def __init__(self, detail: str, code: str = "forbidden") -> None:
        super().__init__(code, detail, status=403)


class Conflict(Problem):
    """409 with the code that says which (`name_taken`, `in_use`, `would_leave_without_group`, …)."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        super().__init__(code, detail, status=409, **more)


class Invalid(Problem):
    """422, code `validation_failed` unless said otherwise."""

    def __init__(self, detail: str, *errors: FieldError, code: str = "validation_failed", **more: Any) -> None:
        super().__init__(code, detail, status=422, errors=errors, **more)


class Stale(Problem):
    """412 `stale_version`: somebody changed it meanwhile; `current` is what it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("stale_version", "This was changed meanwhile.", status=412, current=current)
