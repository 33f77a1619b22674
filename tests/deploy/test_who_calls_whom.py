"""The table of who calls whom holds in the code, in compose and in the NetworkPolicies, each compared both ways."""

from __future__ import annotations

import re

import pytest

from rapport_gateway.domain.routing import SERVICES
from rapport_host.roles import GATEWAY, NAMES
from tests.deploy.reading import (
    COMPONENT,
    NAME,
    ROOT,
    Manifest,
    Process,
    composed,
    container,
    deployed,
    of_kind,
    table,
)

PROCESSES = {(GATEWAY, "web"), *((name, role) for name in NAMES for role in ("web", "worker"))}
OVERLAYS = ("dev", "production")
VARIABLE = re.compile(r"RAPPORT_SERVICE_(\w+)_URL")
PORTS = {"PostgreSQL": {5432}, "Kafka": {9092}, "OpenSearch": {9200}, "S3": {443, 7070}, "providers": {443}}


def test_the_table_names_every_process():
    assert set(table()) == PROCESSES


def test_the_table_is_what_the_code_asks():
    for name in NAMES:
        code = "".join(path.read_text() for path in (ROOT / "services" / name / "src").rglob("*.py"))
        asked = frozenset(re.findall(r"peers\.get\(\"(\w+)\"\)", code))
        assert asked or "peers.get(" not in code, f"{name} asks for a service by a name that is not in its code"
        assert table()[name, "web"].calls | table()[name, "worker"].calls == asked, name
    assert table()[GATEWAY, "web"].calls == frozenset(SERVICES)


def test_compose_tells_each_process_the_addresses_of_the_table_and_no_other():
    assert set(composed()) == PROCESSES
    for process, one in composed().items():
        assert addresses(one["environment"]) == table()[process].calls, process


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_manifests_tell_each_process_the_addresses_of_the_table_and_no_other(overlay: str):
    assert set(deployed(overlay)) == PROCESSES
    services = {one["metadata"]["name"]: one["spec"]["selector"] for one in of_kind(overlay, "Service")}
    for process, one in deployed(overlay).items():
        env = {pair["name"]: pair["value"] for pair in container(one).get("env", ())}
        assert addresses(env) == table()[process].calls, process
        assert container(one)["args"] == ["serve", process[0], "--role", process[1]]
        if process[1] == "web":
            assert matches({"matchLabels": services[f"{process[0]}-web"]}, labels(process))


def addresses(env: dict[str, str]) -> frozenset[str]:
    """The services whose address is said; it must be theirs."""
    found = {name.lower(): env[f"RAPPORT_SERVICE_{name}_URL"] for name in VARIABLE.findall(" ".join(env))}
    assert found == {name: f"http://{name}-web:8080" for name in found}
    return frozenset(found)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_let_each_process_call_whom_the_table_says_and_no_other(overlay: str):
    policies = of_kind(overlay, "NetworkPolicy")
    for caller in PROCESSES:
        reached = {
            called
            for called in PROCESSES
            if lets(policies, "Egress", caller, called, {8080}) and lets(policies, "Ingress", called, caller, {"http"})
        }
        assert reached - {(GATEWAY, "web")} == {(name, "web") for name in table()[caller].calls}, caller
        assert not lets(policies, "Egress", caller, (GATEWAY, "web"), {8080}), caller


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_let_each_process_reach_the_engines_of_the_table_and_no_other(overlay: str):
    policies = of_kind(overlay, "NetworkPolicy")
    for process in PROCESSES:
        said = set().union(*(PORTS[engine] for engine in table()[process].engines))
        allowed = {
            port["port"] for rule in rules(policies, "Egress", process) if "to" not in rule for port in rule["ports"]
        } - {53}
        assert allowed <= said, process
        assert all(allowed & PORTS[engine] for engine in table()[process].engines), process


def labels(process: Process) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "rapport", NAME: process[0], COMPONENT: process[1]}


def matches(selector: Manifest, found: dict[str, str]) -> bool:
    """A label selector of Kubernetes, as far as ours use it."""
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    assert all(one["operator"] == "In" for one in selector.get("matchExpressions", ()))
    return all(found.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        found.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def rules(policies: list[Manifest], way: str, process: Process) -> list[Manifest]:
    """What policies allow a process that way; without any that selects it all would be, which none of ours is."""
    mine = [
        one["spec"]
        for one in policies
        if way in one["spec"]["policyTypes"] and matches(one["spec"]["podSelector"], labels(process))
    ]
    assert mine, process
    return [rule for spec in mine for rule in spec.get(way.lower(), ())]


def lets(policies: list[Manifest], way: str, process: Process, other: Process, ports: set[int | str]) -> bool:
    far = "to" if way == "Egress" else "from"
    return any(
        ports & {port["port"] for port in rule["ports"]}
        and (far not in rule or any(matches(peer["podSelector"], labels(other)) for peer in rule[far]))
        for rule in rules(policies, way, process)
    )
