"""The embedded bus against a model, and its fair shares by their properties."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_chassis.bus.embedded_reader import shares
from rapport_testkit.bus_embedded import EmbeddedUnderTest
from rapport_testkit.bus_model import LIMITS, OPERATIONS, Operation, check_against_model


@settings(max_examples=25, deadline=None)
@given(OPERATIONS, LIMITS)
def test_any_sequence_of_operations_leaves_what_the_model_allows(operations: list[Operation], limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check_against_model(EmbeddedUnderTest(Path(folder) / "bus.db"), operations, limit))


AVAILABLE = st.dictionaries(st.integers(1, 90), st.integers(1, 1000), max_size=30)


@given(AVAILABLE, st.integers(0, 600), st.integers(0, 10_000))
def test_shares_use_the_whole_limit_and_never_more_than_there_is(
    available: dict[int, int], limit: int, turn: int
) -> None:
    given_ = shares(available, limit, turn)
    assert sum(given_.values()) == min(limit, sum(available.values()))
    assert all(0 < count <= available[log] for log, count in given_.items())


@given(AVAILABLE.filter(bool), st.integers(1, 600), st.integers(0, 10_000))
def test_no_log_waits_while_another_gets_more_than_an_equal_share(
    available: dict[int, int], limit: int, turn: int
) -> None:
    given_ = shares(available, limit, turn)
    fair = limit // len(available)
    assert all(given_.get(log, 0) >= min(count, fair) for log, count in available.items())


@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 10_000))
def test_a_reader_that_gets_every_nth_turn_reaches_every_log(logs: int, every: int, start: int) -> None:
    available = dict.fromkeys(range(logs), 10)
    reached = {log for turn in range(start, start + 12 * logs * every, every) for log in shares(available, 1, turn)}
    assert reached == set(range(logs))
