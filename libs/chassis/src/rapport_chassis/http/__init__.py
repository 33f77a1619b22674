"""HTTP habits that every service shares: problems, permissions, ETags, idempotent writes, pages, positions."""

from rapport_chassis.http.app import create_app
from rapport_chassis.http.identity import caller_of, public, requires, runtime_of
from rapport_chassis.http.pages import After, Limit, decode_cursor, encode_cursor, page
from rapport_chassis.http.writing import IfMatch, Reply, Writes, if_match, writes

__all__ = [
    "After",
    "IfMatch",
    "Limit",
    "Reply",
    "Writes",
    "caller_of",
    "create_app",
    "decode_cursor",
    "encode_cursor",
    "if_match",
    "page",
    "public",
    "requires",
    "runtime_of",
    "writes",
]
