"""The search port on OpenSearch: one index of the cluster a physical index, any number of readers and writers."""

from .address import address_of
from .engine import OpenSearchEngine

__all__ = ["OpenSearchEngine", "address_of"]
