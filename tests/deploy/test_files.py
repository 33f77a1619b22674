"""What the deployment's files say is what the code reads, consumes and measures; no secret stands in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from rapport_chassis.telemetry import Metrics
from rapport_contracts import topics
from rapport_testkit.engines import kafka, opensearch, s3
from tests.deploy.reading import ROOT, compose, composed, container, deployed, image_environment, of_kind, sources

VARIABLE = re.compile(r"\b(?:RAPPORT|TWILIO|AWS)_[A-Z][A-Z_]*[A-Z]\b")
SERVICE_URL = re.compile(r"RAPPORT_SERVICE_[A-Z]+_URL")
READ_BY_A_PREFIX = {"RAPPORT_SERVICE"}
BY_BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
ENGINES = {f"RAPPORT_{name}_URL" for name in ("DATABASE", "BUS", "SEARCH", "BLOB")}  # settings.py makes the names
BY_UP = {"RAPPORT_ONE_MACHINE"}  # said by `rapport up` to its children
FOR_COMPOSE = {"RAPPORT_VERSION", "RAPPORT_PUBLISHED_PORT"}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY\b|KEY_ID")


def read_by_the_code() -> set[str]:
    """Variables that stand as strings of their own in the code, as what is read does."""
    text = "".join(path.read_text() for path in sources())
    return set(re.findall(rf'"({VARIABLE.pattern})"', text)) | ENGINES


def said_to_processes() -> set[str]:
    env = {name for one in composed().values() for name in one["environment"]}
    return {name for name in env | set(image_environment()) if VARIABLE.fullmatch(name)}


def test_every_variable_that_is_said_is_read_and_every_one_that_is_read_can_be_said():
    said = {name for name in said_to_processes() if not SERVICE_URL.fullmatch(name)}
    assert said - read_by_the_code() - BY_BOTO3 == set()
    only_where_asked = {"RAPPORT_BUS_PASSWORD", "AWS_SESSION_TOKEN"}  # compose's own engines want neither
    assert read_by_the_code() - said - only_where_asked - BY_UP == set()


def test_the_example_explains_every_variable_of_compose():
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"\$\{(\w+)", text))
    passed = {name for one in composed().values() for name, value in one["environment"].items() if value is None}
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert asked | passed == (explained - {"COMPOSE_PROFILES"}) | {"RAPPORT_VERSION"}


def test_compose_holds_no_secret_and_refuses_to_start_without_one():
    for name, one in compose().items():
        for variable, value in one.get("environment", {}).items():
            if SECRET.search(variable) and value is not None:
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), f"{name}: {variable}"
    example = (ROOT / ".env.example").read_text()
    filled = re.findall(r"^(\w*(?:PASSWORD|SECRET|IDENTITY_KEY)\w*)=(.+)$", example, re.MULTILINE)
    assert filled == []


@pytest.mark.parametrize("overlay", ["dev", "production"])
def test_manifests_say_what_is_read_and_hold_no_secret(overlay: str):
    assert of_kind(overlay, "Secret") == []
    (config,) = of_kind(overlay, "ConfigMap")
    assert set(config["data"]) <= read_by_the_code()
    assert not [name for name in config["data"] if SECRET.search(name)]
    example = yaml.safe_load_all((ROOT / "deploy" / "k8s" / "secrets.example.yaml").read_text())
    secrets = {one["metadata"]["name"]: set(one["stringData"]) for one in example}
    assert set().union(*secrets.values()) <= read_by_the_code() | BY_BOTO3
    taken = {
        source["secretRef"]["name"]
        for one in deployed(overlay).values()
        for source in container(one)["envFrom"]
        if "secretRef" in source
    }
    assert taken == set(secrets)


def test_the_engines_of_compose_are_those_that_the_tests_run_on():
    versions = {name: compose()[name]["image"].partition(":")[2] for name in ("kafka", "opensearch", "s3")}
    assert versions == {"kafka": kafka.VERSION, "opensearch": opensearch.VERSION, "s3": f"v{s3.VERSION}"}
    assert all(re.search(r":v?\d+\.\d+", one["image"]) for one in compose().values() if "build" not in one)


def test_everything_of_ours_is_read_only_without_rights_and_waits_for_what_it_needs():
    for one in composed().values():
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert set(one["depends_on"]) == {"databases", "topics"}
    for one in compose().values():
        assert one["mem_limit"]
        assert one["restart"] in {"unless-stopped", "on-failure"}
        assert {volume.partition(":")[0] for volume in one.get("volumes", ()) if volume.startswith("./")} <= {
            f"./{path.relative_to(ROOT)}" for path in (ROOT / "deploy").rglob("*")
        }


def test_every_consumer_has_a_scaler_that_asks_for_its_lag():
    """search's feeding is its leader's alone: more workers would not help it (ADR 0117)."""
    code = {path: path.read_text() for path in sources() if "/services/" in path.as_posix()}
    groups = {group for text in code.values() for group in re.findall(r'Consumer\(\s*topics\.\w+,\s*"([\w.-]+)"', text)}
    lag = Metrics().lag._name
    scaled = {}
    for one in of_kind("production", "ScaledObject"):
        asked = one["spec"]["triggers"][0]["metadata"]["query"]
        (service,) = re.findall(rf'^sum\({lag}{{service="(\w+)"}}\)$', asked)
        assert one["spec"]["scaleTargetRef"]["name"] == f"{service}-worker"
        assert one["spec"]["triggers"][1]["type"] == "cpu"
        scaled[service] = one["spec"]["maxReplicaCount"]
    assert {group.partition(".")[0] for group in groups} == set(scaled)
    assert max(scaled.values()) <= topics.CUSTOMERS.partitions, "a worker without a partition does nothing"


def test_what_stops_has_the_time_that_stopping_takes():
    from rapport_host.supervisor import _GRACE_SECONDS

    for process, one in deployed("production").items():
        pause = container(one).get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])[1]
        given = one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert given > int(pause) + _GRACE_SECONDS, process
    assert all(int(one["stop_grace_period"].removesuffix("s")) > _GRACE_SECONDS for one in composed().values())


def test_every_deployment_has_its_probes_and_may_do_nothing_it_need_not():
    for (name, role), one in deployed("production").items():
        found = container(one)
        alive = found["livenessProbe"]["httpGet"]
        ready = found["readinessProbe"]["httpGet"]
        assert (alive["path"], alive["port"]) == ("/healthz", "operators")
        expected = {"worker": ("/readyz", "operators"), "web": ("/internal/health", "http")}
        assert (ready["path"], ready["port"]) == (("/healthz", "http") if name == "gateway" else expected[role])
        assert found["securityContext"]["readOnlyRootFilesystem"]
        assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert one["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"]
        assert found["resources"]["requests"]
        assert found["resources"]["limits"]["memory"]


def observed() -> list[Path]:
    return sorted((ROOT / "deploy" / "observability").rglob("*.y*ml"))


def test_prometheus_and_the_collector_scrape_every_process():
    said = {f"{name}:9464" for name, one in compose().items() if one in composed().values()}
    for path in ("prometheus.yml", "collector.yml"):
        text = (ROOT / "deploy" / "observability" / path).read_text()
        assert set(re.findall(r"[\w-]+:9464", text)) == said


def queries() -> set[str]:
    """Metrics that the dashboard, the alerts and the scalers ask for."""
    board = json.loads((ROOT / "deploy" / "observability" / "grafana" / "rapport.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    alerts = yaml.safe_load((ROOT / "deploy" / "observability" / "alerts.yml").read_text())
    asked += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    asked += [one["spec"]["triggers"][0]["metadata"]["query"] for one in of_kind("production", "ScaledObject")]
    return {word for query in asked for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", query)} - {"histogram_quantile"}
