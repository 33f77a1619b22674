"""The console's static files: hashed assets cached for ever, pages checked every time, compressed ones as they are (G2)."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rapport_chassis.problems import NotFound, Problem
from rapport_gateway.entrypoints.exchange import Exchange, Header

_FOREVER = b"public, max-age=31536000, immutable"
_CHECKED = b"no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
}
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_POLICY = (
    "default-src 'self'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _File:
    """A file ready to be sent: its bytes by encoding ("" = plain)."""

    content: dict[str, bytes]
    headers: tuple[Header, ...]
    etag: bytes


class Console:
    """Serves a folder; `None`: this gateway has no console."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._built_at = 0.0

    async def serve(self, exchange: Exchange) -> None:
        """The file at the request's path, else the console's page. 404 for assets that are not there.

        Who shows no session is sent to sign in before the console's scripts are fetched for nothing.
        """
        if exchange.method not in ("GET", "HEAD"):
            raise Problem("method_not_allowed", "Only GET here.", status=405, headers={"Allow": "GET, HEAD"})
        self._refresh()
        found = self._find(exchange.path)
        if found is None:
            raise NotFound("The console is not installed here." if not self._files else "There is nothing here.")
        if found is self._files.get("index.html") and exchange.session is None and "sign-in.html" in self._files:
            await exchange.answer(302, b"", [(b"location", _sign_in(exchange.scope)), (b"cache-control", b"no-store")])
            return
        exchange.extra = tuple(one for one in exchange.extra if one[0] != b"content-security-policy")
        if exchange.header(b"if-none-match") == found.etag.decode():
            await exchange.answer(304, b"", found.headers)
            return
        encoding = _best_encoding(exchange.header(b"accept-encoding") or "", found)
        said: list[Header] = [(b"content-encoding", encoding.encode())] if encoding else []
        await exchange.answer(200, found.content[encoding], [*found.headers, *said])

    def _find(self, path: str) -> _File | None:
        name = path.strip("/") or "index.html"
        exact = self._files.get(name) or self._files.get(f"{name}.html")
        if exact is not None or f"{name}/".startswith("assets/") or "." in name.rpartition("/")[2]:
            return exact
        return self._files.get("index.html")

    def _refresh(self) -> None:
        """Read the folder when it was built anew."""
        if self._folder is None:
            return
        index = self._folder / "index.html"
        try:
            built_at = index.stat().st_mtime
        except OSError:
            return
        if built_at != self._built_at:
            self._files = dict(_read(self._folder))
            self._built_at = built_at


def _sign_in(scope: dict[str, Any]) -> bytes:
    """The sign-in page, and back to the page asked for."""
    query = scope["query_string"].decode("latin-1")
    wanted = f"{scope['path']}?{query}" if query else scope["path"]
    return b"/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}".encode()


def _read(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".br", ".gz"):
            yield path.relative_to(folder).as_posix(), _file(path, folder)


def _file(path: Path, folder: Path) -> _File:
    plain = path.read_bytes()
    content = {"": plain}
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if packed.is_file():
            content[encoding] = packed.read_bytes()
    etag = b'"' + hashlib.sha256(plain).hexdigest()[:32].encode() + b'"'
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    hashed = path.relative_to(folder).parts[0] == "assets"
    headers: list[Header] = [
        (b"content-type", kind.encode()),
        (b"cache-control", _FOREVER if hashed else _CHECKED),
        (b"etag", etag),
        (b"vary", b"accept-encoding"),
        (b"content-security-policy", _policy(plain if path.suffix == ".html" else b"")),
    ]
    return _File(content, tuple(headers), etag)


def _policy(page: bytes) -> bytes:
    """The Content-Security-Policy; a page's own inline scripts are allowed by their hashes, nothing else inline is."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _POLICY.format(scripts=scripts).encode()


def _best_encoding(accepted: str, file: _File) -> str:
    names = {
        part.partition(";")[0].strip() for part in accepted.lower().split(",") if "q=0" not in part.replace(" ", "")
    }
    return next((name for name, _ in _ENCODINGS if name in names and name in file.content), "")
