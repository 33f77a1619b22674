"""The search port on tantivy: one folder an index, one writer, any number of readers in any process."""

from .engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
