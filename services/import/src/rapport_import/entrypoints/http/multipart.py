"""The file of a multipart upload as a stream (RFC 7578): nothing of it is held in memory or spooled by the framework."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from rapport_chassis.problems import FieldError, Invalid, Problem

_FIELD: Final = b"file"
_LONGEST_NAME: Final = 255


class UploadedFile:
    """Reads the part named `file`: iterate `chunks()` to its end; then `name` and `size` are known."""

    def __init__(self, request: Request, limit: int) -> None:
        self.name = ""
        self.size = 0
        self._request = request
        self._limit = limit
        self._ready: list[bytes] = []
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._inside = False
        self._found = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes. Raises `Invalid` 422 for a body that is no such upload, `Problem` 413 `too_large` beyond the limit."""
        parser = self._parser()
        try:
            async for piece in self._request.stream():
                parser.write(piece)
                for chunk in self._taken():
                    yield chunk
            parser.finalize()
        except MultipartParseError as error:
            raise _no_file("The body is no proper multipart/form-data.") from error
        if not self._found:
            raise _no_file("Send the file as the part “file” of multipart/form-data.")

    def _taken(self) -> list[bytes]:
        ready, self._ready = self._ready, []
        self.size += sum(map(len, ready))
        if self.size > self._limit:
            most = f"{self._limit >> 20:,} MB" if self._limit >> 20 else f"{self._limit:,} bytes"
            raise Problem("too_large", f"A file may have at most {most}.", status=413)
        return ready

    def _parser(self) -> MultipartParser:
        kind, options = parse_options_header(self._request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise _no_file("Send the file as multipart/form-data.")
        try:
            return MultipartParser(boundary, self._callbacks())
        except MultipartParseError as error:
            raise _no_file("The boundary of the multipart body is none.") from error

    def _callbacks(self) -> Any:
        return {
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
        }

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_ends(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition(value)
        self._header = (b"", b"")

    def _disposition(self, value: bytes) -> None:
        _, options = parse_options_header(value)
        self._inside = options.get(b"name") == _FIELD and not self._found and b"filename" in options
        if self._inside:
            given = options[b"filename"].decode(errors="replace").replace("\\", "/")
            printable = "".join(char for char in given.rpartition("/")[2] if char.isprintable())
            self.name = printable.strip()[:_LONGEST_NAME] or "upload"

    def _headers_end(self) -> None:
        self._found = self._found or self._inside

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self._ready.append(data[start:end])

    def _part_ends(self) -> None:
        self._inside = False


def _no_file(detail: str) -> Invalid:
    return Invalid(detail, FieldError("file", "missing", detail))
