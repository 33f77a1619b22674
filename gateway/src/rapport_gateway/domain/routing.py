"""The routing table, as data: which service answers which path of the public API. What is not here does not exist (G2).

A pattern's `{id}` stands for one segment; a final `*` for nothing, a verb (`:run`) or anything below. The first that fits wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

PREFIX = "/api/v1"
KIB, MIB = 1024, 1024 * 1024
UPLOAD = 512 * MIB
SERVICES = ("identity", "customers", "import", "search", "logging", "messaging")


@dataclass(frozen=True, slots=True)
class Rule:
    """Where paths of one shape go. `service` is a name, or "" when the id's prefix says (`<service>-…`)."""

    pattern: str
    service: str
    methods: frozenset[str] | None = None  # None: all
    public: bool = False  # nobody need be signed in
    before_password_change: bool = False  # allowed while the first password is to be changed
    sign_in: bool = False  # counted by the tighter limit
    max_body: int = 2 * MIB
    audit: str | None = None  # reading it is written to the audit log as this kind of export (G3)


def _rules(service: str, *patterns: str) -> list[Rule]:
    return [Rule(pattern, service) for pattern in patterns]


RULES: tuple[Rule, ...] = (
    Rule("/auth/sign-in", "identity", frozenset({"POST"}), public=True, sign_in=True, max_body=16 * KIB),
    Rule("/auth/sign-out", "identity", before_password_change=True),
    Rule("/auth/me", "identity", before_password_change=True),
    Rule("/auth/password", "identity", before_password_change=True, max_body=16 * KIB),
    *_rules("identity", "/auth/sessions*", "/users*", "/roles*", "/permissions", "/api-keys*", "/settings", "/audit"),
    *_rules("search", "/customers:search", "/customers:quick", "/customers:scan"),
    *_rules("search", "/filters*", "/recently-viewed*", "/search:reindex"),
    *_rules("logging", "/customers/{id}/timeline*", "/log-entries*", "/tags*"),
    *_rules("customers", "/customers*", "/groups*", "/custom-fields*", "/field-sections*", "/lists*"),
    *_rules("messaging", "/messages*", "/templates*", "/consent*", "/sandbox*"),
    Rule("/imports", "import", frozenset({"POST"}), max_body=UPLOAD),
    Rule("/imports/{id}/errors.xlsx", "import", audit="import_errors"),
    *_rules("import", "/imports*"),
    Rule("/jobs/{id}", ""),
    Rule("/parked-messages/{id}", ""),
)
WEBHOOKS = Rule("/webhooks/*", "messaging", public=True, max_body=64 * KIB)


@dataclass(frozen=True, slots=True)
class Routes:
    """The table, compiled: by method ("" for those no rule names) and first word, an expression with a group a rule."""

    by_word: dict[tuple[str, str], tuple[re.Pattern[str], list[Rule]]]

    def find(self, method: str, path: str) -> Rule | None:
        """The rule for `path` (without /api/v1); None: there is nothing."""
        word = _word(path)
        known = self.by_word.get((method, word)) or self.by_word.get(("", word))
        found = known and known[0].fullmatch(path)
        if not known or not found or not found.lastindex:
            return None
        rule = known[1][found.lastindex - 1]
        return rule if rule.service else _by_prefix(rule, path)


def compiled(rules: tuple[Rule, ...] = RULES) -> Routes:
    """The table ready for use."""
    named = {"", *(method for rule in rules for method in rule.methods or ())}
    by_word: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        for method in named if rule.methods is None else rule.methods:
            by_word.setdefault((method, _word(rule.pattern)), []).append(rule)
    return Routes({place: (_either(found), found) for place, found in by_word.items()})


def _word(path: str) -> str:
    first = path[1:].partition("/")[0]
    return first.partition(":")[0].removesuffix("*")


def _either(rules: list[Rule]) -> re.Pattern[str]:
    return re.compile("|".join(f"({_regex(rule.pattern)})" for rule in rules), re.DOTALL)


def _regex(pattern: str) -> str:
    body = re.escape(pattern.removesuffix("*")).replace(r"\{id\}", "[^/]+")
    return body + ("(?:[/:].*)?" if pattern.endswith("*") else "")


def _by_prefix(rule: Rule, path: str) -> Rule | None:
    service = path.split("/", 2)[2].partition("-")[0]
    return replace(rule, service=service) if service in SERVICES else None
