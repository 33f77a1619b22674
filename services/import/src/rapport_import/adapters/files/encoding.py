"""In which encoding a text file is written: marks, then strict UTF-8 line by line, then what its bytes look like (I1, I11)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rapport_import.domain.files import FileRefused

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 1 << 16
_MIXED: Final = 0.2
_NON_ASCII: Final = re.compile(rb"[\x80-\xff]+")
_LONG_RUN: Final = 3
# In windows-1256: the bytes of Arabic and Persian letters; and the Latin letters of it that French uses.
_ARABIC: Final = frozenset(
    byte for byte in range(0x80, 0x100) if "\u0600" <= bytes([byte]).decode("cp1256", "replace") <= "\u06ff"
)
_CANDIDATES: Final = ("cp1251", "cp1253", "cp1255", "koi8-r", "gb18030", "big5", "shift_jis", "euc-kr")
_EVERYBODYS: Final = frozenset("“”„‘’‚–—…«»€°§©®™·•\xa0")
# The letters of languages, likelier ones first: of equals the first is taken.
_LANGUAGES: Final = tuple(
    (encoding, frozenset(letters))
    for encoding, languages in (
        ("cp1252", "äöüß éèêëàâçîïôûùœæ áéíóúñü¿¡ºª ãõáéíóúâêôàç àèéìòù åäöæøé ëïéèöü"),
        ("cp1250", "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîșțşţ čćđšž"),
        ("cp1254", "çğıöşüâîû"),
        ("cp1257", "ąčęėįšųūž āčēģīķļņšūž äöüõšž"),
        ("mac-roman", "äöüß éèêëàâçîïôûùœæ áéíóúñü¿¡ åäöæøé"),
        ("cp850", "äöüß éèêëàâçîïôûùæ áéíóúñü¿¡ åäöæøé"),
    )
    for letters in languages.split()
)


def detect_encoding(path: Path) -> str:
    """One of `ENCODINGS`. Raises `FileRefused` `file_corrupt` for a file in which UTF-8 and other bytes are mixed."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if (wide := _wide(head)) is not None:
        return wide
    good, first_bad, bad, sample = _utf_8_lines(path)
    if first_bad is None:
        return "utf-8"
    if good >= _MIXED * (good + bad):
        raise _mixed(first_bad)
    return _legacy(sample)


def check_encoding(path: Path, encoding: str) -> None:
    """Raises `FileRefused` `file_corrupt` with the line when the file cannot be read in `encoding`."""
    lines = 1
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 20):
                lines += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise FileRefused(
                "file_corrupt", f"After line {lines:,} this file is not written in {encoding}."
            ) from error


def _mixed(line: int) -> FileRefused:
    detail = (
        f"This file mixes encodings: line {line:,} is not UTF-8 as other lines are. "
        "Save it in one encoding, best UTF-8, or choose the encoding."
    )
    return FileRefused("file_corrupt", detail)


def _wide(head: bytes) -> str | None:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) <= len(head) // 8:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _utf_8_lines(path: Path) -> tuple[int, int | None, int, bytes]:
    """(lines with proper UTF-8 beyond ASCII, first improper line, how many of them, some improper lines)."""
    good, bad, first, sample = 0, 0, None, bytearray()
    with path.open("rb") as file:
        number = 1
        for block in _blocks(file.read(1 << 20) for _ in iter(int, 1)):
            if _proper(block):
                number += block.count(b"\n")
                good += not block.isascii()
                continue
            for line in block.splitlines(keepends=True):
                if not line.isascii():
                    if _proper(line):
                        good += 1
                    else:
                        bad += 1
                        first = first or number
                        if len(sample) < _SAMPLE:
                            sample += line
                number += line.endswith(b"\n")
    return good, first, bad, bytes(sample)


def _blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines, about a mebibyte at a time."""
    rest = b""
    for chunk in chunks:
        if not chunk:
            break
        rest += chunk
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _proper(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _legacy(sample: bytes) -> str:
    """A one-byte encoding: Arabic script stands in long runs of its own bytes; for the rest the statistics decide."""
    runs = _NON_ASCII.findall(sample)
    count = sum(map(len, runs))
    long = sum(len(run) for run in runs if len(run) >= _LONG_RUN)
    arabic = sum(byte in _ARABIC for run in runs for byte in run)
    alef = sample.count(b"\xc7")
    if long >= count / 2 and arabic >= 0.9 * count and alef >= 0.04 * count:
        return "cp1256"
    if long < count / 2:
        return _latin(sample)
    return _by_statistics(sample) or "cp1252"


def _latin(sample: bytes) -> str:
    """Of the Latin encodings the one in which most letters beyond ASCII are letters of one language."""

    def share(encoding: str, letters: frozenset[str]) -> float:
        text = sample.decode(encoding, "replace").lower()
        beyond = [char for char in text if char > "\x7f" and char not in _EVERYBODYS]
        return sum(char in letters for char in beyond) / max(len(beyond), 1)

    return max(_LANGUAGES, key=lambda pair: share(*pair))[0]


def _by_statistics(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_CANDIDATES), enable_fallback=False).best()
    if best is None:
        return None
    return "koi8-r" if best.encoding == "koi8_r" else best.encoding
