"""The encodings and delimiters that text files are read in, as they are detected and as a person may choose them (I1)."""

from __future__ import annotations

from typing import Final

ENCODINGS: Final = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1256", "cp1252", "cp1250", "cp1251", "cp1253",
    "cp1254", "cp1255", "cp1257", "iso-8859-1", "iso-8859-2", "iso-8859-9", "iso-8859-15", "koi8-r", "mac-roman",
    "cp437", "cp850", "cp866", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr",
)  # fmt: skip
DELIMITERS: Final = (",", ";", "\t", "|", "،", "؛", ":", "^", "~")
