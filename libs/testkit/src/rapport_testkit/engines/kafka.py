"""Apache Kafka as one broker that is its own controller (KRaft), quick where production is patient: cleaning, deleting."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rapport_testkit.engines.cache import kept, maven
from rapport_testkit.engines.engine import Engine
from rapport_testkit.engines.java import java_home
from rapport_testkit.engines.ports import free_ports
from rapport_testkit.engines.process import EngineDidNotStart, own_folder, start_server

VERSION = "4.3.1"
_LOG4J = "2.25.4"
_SHA256 = "6953bfc4d23c24004ed3d44b741c7a4538a923f476f85ff7cf086e87ead4b49c"
_CLUSTER = "5L6g3nShT-eMCtK--X86sw"
_STARTED = "Kafka Server started"
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.index.size.max.bytes=65536
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.backoff.ms=100
log.retention.check.interval.ms=200
log.initial.task.delay.ms=100
log.segment.delete.delay.ms=500
{more}
"""
_LOGGING = f"""\
rootLogger.level=WARN
rootLogger.appenderRefs=stdout
rootLogger.appenderRef.stdout.ref=stdout
appender.stdout.type=Console
appender.stdout.name=stdout
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%d %p %c: %m%n
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=INFO
# {_STARTED} is what the starter waits for
"""


def start(more: str = "") -> Engine:
    """A broker on free ports.

    `more` are lines for its server.properties (see Kafka's “Broker Configs”) that may name `{port}` and `{controller}`; they win.
    """
    jars, java = kept(f"kafka-{VERSION}", _SHA256, _download), java_home() / "bin" / "java"
    folder = own_folder("kafka")
    port, controller = free_ports(2)
    properties = folder / "server.properties"
    lines = more.format(port=port, controller=controller)
    properties.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder, more=lines))
    (folder / "log4j2.properties").write_text(_LOGGING)
    classes = ["-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", f"{jars}/*"]
    _format([java, "-Xmx128m", *classes, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", properties])
    options = ["-Xms256m", "-Xmx512m", "-XX:+UseG1GC", f"-Dlog4j2.configurationFile={folder}/log4j2.properties"]
    server = start_server(
        "kafka",
        [java, *options, *classes, "kafka.Kafka", properties],
        folder=folder,
        answers=lambda: _STARTED in (folder / "log").read_text(errors="replace"),
    )
    return Engine("kafka", f"kafka://127.0.0.1:{port}", server)


def _format(command: list[Path | str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineDidNotStart(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")


def _download(folder: Path) -> None:
    coordinates = f"org.apache.kafka:kafka_2.13:{VERSION}", f"org.apache.logging.log4j:log4j-slf4j-impl:{_LOG4J}"
    maven(folder, *coordinates, transitive=True)
