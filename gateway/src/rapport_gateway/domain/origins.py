"""Cross-site request forgery: which writes with a cookie are believed (OWASP CSRF Prevention Cheat Sheet)."""

from __future__ import annotations

from hmac import compare_digest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def origin_is_ours(origin: str | None, fetch_site: str | None, host: str | None, allowed: frozenset[str]) -> bool:
    """Whether a browser's `Origin` (and `Sec-Fetch-Site`) say that the request comes from our own pages.

    Without either it is no browser, or an old one: the CSRF token decides alone.
    """
    if origin is None:
        return fetch_site in (None, "same-origin", "same-site", "none")
    if origin in allowed:
        return True
    return host is not None and origin.partition("://")[2] == host


def csrf_token_is_right(sent: str | None, expected: str | None) -> bool:
    """Whether the `X-CSRF-Token` is the session's."""
    return bool(sent and expected) and compare_digest(str(sent).encode(), str(expected).encode())
