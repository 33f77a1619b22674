"""The type of what reads are given, so that no other room names the database library."""

from sqlalchemy import Connection

__all__ = ["Connection"]
