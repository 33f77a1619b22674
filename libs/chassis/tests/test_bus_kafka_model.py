"""Kafka against the model that the embedded bus is compared with; each example has topics of its own."""

import asyncio

from hypothesis import HealthCheck, Phase, given, settings

from rapport_testkit.bus_kafka import KafkaUnderTest
from rapport_testkit.bus_model import LIMITS, OPERATIONS, Operation, check_against_model
from rapport_testkit.engines import running


@settings(
    max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(OPERATIONS, LIMITS)
def test_any_sequence_of_operations_leaves_what_the_model_allows(operations: list[Operation], limit: int) -> None:
    asyncio.run(_check(operations, limit))


async def _check(operations: list[Operation], limit: int) -> None:
    kafka = KafkaUnderTest(running("kafka").url)
    await kafka.make()
    await check_against_model(kafka, operations, limit)
    await kafka.remove()
