"""Checksums by which an index is compared with its topic without listing either: buckets lie within the topic's partitions."""

from __future__ import annotations

import zlib
from typing import Final

from rapport_contracts.topics import CUSTOMERS

BUCKETS: Final = 64


def bucket_of(customer_id: str) -> int:
    """The bucket of an id; bucket // BUCKETS is its partition."""
    code = zlib.crc32(customer_id.encode())
    return code % CUSTOMERS.partitions * BUCKETS + code // CUSTOMERS.partitions % BUCKETS


def check_of(customer_id: str, version: int) -> int:
    """A 32-bit checksum; sums of two million of them stay exact in a double."""
    return zlib.crc32(f"{customer_id}@{version}".encode())


def digest_of(versions: dict[str, int]) -> dict[int, tuple[int, int]]:
    """For each bucket how many and the sum of their checksums."""
    made: dict[int, tuple[int, int]] = {}
    for customer_id, version in versions.items():
        bucket = bucket_of(customer_id)
        many, total = made.get(bucket, (0, 0))
        made[bucket] = (many + 1, total + check_of(customer_id, version))
    return made
