"""The parts that others stand on: settings, the pace of sending, writing together, migrations."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from rapport_messaging.application.gather import Gather
from rapport_messaging.application.pace import Pace
from rapport_messaging.config import Config
from rapport_messaging.store.tables import metadata

TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "a-secret", "TWILIO_FROM": "+1"}


def test_without_credentials_the_sandbox_is_the_provider():
    """M6."""
    config = Config.of({})
    assert (config.twilio, config.public_url, config.price) == (None, None, None)


def test_twilio_is_configured_whole():
    """M6."""
    config = Config.of(TWILIO | {"TWILIO_BASE_URL": "http://x/", "RAPPORT_PUBLIC_URL": "https://crm/"})
    assert config.twilio
    assert (config.twilio.base_url, config.public_url) == ("http://x", "https://crm")
    assert TWILIO["TWILIO_AUTH_TOKEN"] not in repr(config)


@pytest.mark.parametrize(
    "env",
    [
        {"TWILIO_ACCOUNT_SID": "AC1"},
        {"RAPPORT_SMS_PRICE": "cheap"},
        {"RAPPORT_SMS_PRICE": "x USD"},
        {"RAPPORT_SMS_PER_SECOND": "0"},
        {"RAPPORT_SMS_LEASE_SECONDS": "-1"},
    ],
)
def test_settings_that_make_no_sense_are_refused_at_start(env):
    with pytest.raises(ValueError, match=r"Twilio|RAPPORT"):
        Config.of(env)


class Steady:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_provider_gets_no_more_than_its_rate():
    """M4: per-provider rate limit."""
    clock = Steady()
    pace, sent = Pace(100, clock), 0
    for _ in range(1_000):
        clock.now += 0.01
        many = pace.available()
        pace.take(many)
        sent += many
    assert sent == pytest.approx(1_000, abs=11)


def test_a_slow_rate_is_kept_as_well():
    """M4: one in two seconds."""
    clock = Steady()
    pace = Pace(0.5, clock)
    pace.take(pace.available())
    assert pace.available() == 0
    clock.now += pace.wait_seconds() - 0.01
    assert pace.available() == 0
    clock.now += 0.02
    assert pace.available() == 1


def test_refusals_in_a_row_are_waited_for_longer_and_longer():
    """M4: backoff, at least as long as the provider asks, at most about a minute."""
    clock = Steady()
    pace = Pace(100, clock)
    waits = []
    for _ in range(12):
        waits.append(pace.hold(None))
        assert pace.available() == 0
        clock.now += waits[-1]
    assert waits[0] < 1
    assert waits[6] > 20
    assert max(waits) <= 75
    assert pace.available() > 0
    pace.went_well()
    assert pace.hold(None) < 1
    assert pace.hold(30) >= 30


def test_calls_refused_together_are_one_refusal():
    """M4: dozens under way when the provider says “too many” do not make it minutes."""
    pace = Pace(100, Steady())
    assert max(pace.hold(None) for _ in range(64)) < 1


async def test_what_arrives_together_is_written_together(desk):
    """P8."""
    batches = []
    gather = Gather(desk.db, lambda _tx, items: batches.append(list(items)))
    await asyncio.gather(*(gather.put(number) for number in range(100)))
    assert sorted(number for batch in batches for number in batch) == list(range(100))
    assert len(batches) < 10
    await gather.put(100)
    assert batches[-1] == [100]


async def test_one_bad_item_harms_nobody_else(desk):
    """R7."""
    kept = []

    def apply(_tx, items):
        if 3 in items:
            raise ValueError("three")
        kept.extend(items)

    gather = Gather(desk.db, apply)
    answers = await asyncio.gather(*(gather.put(number) for number in range(6)), return_exceptions=True)
    assert sorted(kept) == [0, 1, 2, 4, 5]
    assert [type(answer) for answer in answers].count(ValueError) == 1


async def test_a_waiter_that_goes_away_takes_nobody_along(desk):
    """R6: a provider that hangs up; its message is kept all the same."""
    kept = []
    gather = Gather(desk.db, lambda _tx, items: kept.extend(items))
    impatient = asyncio.create_task(gather.put(1))
    patient = asyncio.create_task(gather.put(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    assert kept == [1, 2]


async def test_the_migrations_make_the_tables(desk):
    """One history: what the code names is what the migrations made."""
    assert await desk.db.read(lambda conn: compare_metadata(MigrationContext.configure(conn), metadata)) == []
