"""JSON to a checked tree, every refusal with the path of what is wrong; depth, clauses and values are limited (R14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .fields import OPS, Field
from .tree import AllOf, AnyOf, Condition, Node, NoneOf, Op, Value
from .values import WrongValue, scalar

MAX_DEPTH: Final = 12
MAX_CLAUSES: Final = 200
MAX_VALUES: Final = 1_000
_PAIR: Final = 2
_GROUPS: Final[dict[str, Callable[[tuple[Node, ...]], Node]]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}
_CONDITION: Final = {"field", "op", "value"}


@dataclass(frozen=True, slots=True)
class QueryError:
    """One thing that is wrong: where (`query.all.1.value`), a code, words."""

    path: str
    code: str
    detail: str


class QueryRefused(Exception):  # noqa: N818
    """The query cannot be asked. `code` is `validation_failed` or `query_too_complex`."""

    def __init__(self, code: str, errors: list[QueryError]) -> None:
        super().__init__("; ".join(f"{error.path}: {error.detail}" for error in errors[:3]))
        self.code = code
        self.errors = errors


def parse(raw: Any, fields: Callable[[str], Field | None], path: str = "query") -> Node:
    """The checked tree of `raw`, the JSON of the API; None is everything.

    `fields` gives the field of a name, or None for one that does not exist or that the asker may not see: both are refused alike
    (Q6). Raises `QueryRefused` 422 `validation_failed` with the path of every fault, or `query_too_complex` beyond `MAX_DEPTH`
    levels, `MAX_CLAUSES` groups and conditions or `MAX_VALUES` listed values.
    """
    if raw is None:
        return AllOf(())
    parser = _Parser(fields)
    node = parser.node(raw, path, 1)
    if parser.errors or node is None:
        raise QueryRefused("validation_failed", parser.errors)
    return node


@dataclass
class _Parser:
    fields: Callable[[str], Field | None]
    errors: list[QueryError] = field(default_factory=list)
    clauses: int = 0
    values: int = 0

    def node(self, raw: Any, path: str, depth: int) -> Node | None:
        """One node; a fault in it is noted and its neighbours are judged all the same."""
        self._count(path, depth)
        try:
            return self._node(raw, path, depth)
        except WrongValue as wrong:
            self.errors.append(QueryError(path + wrong.at, wrong.code, wrong.detail))
            return None

    def _count(self, path: str, depth: int) -> None:
        self.clauses += 1
        if depth > MAX_DEPTH:
            raise _complex(path, f"At most {MAX_DEPTH} levels.")
        if self.clauses > MAX_CLAUSES:
            raise _complex(path, f"At most {MAX_CLAUSES} groups and conditions.")

    def _node(self, raw: Any, path: str, depth: int) -> Node:
        if not isinstance(raw, dict):
            raise WrongValue("wrong_type", "A condition or a group of conditions is needed.")
        named = [name for name in _GROUPS if name in raw]
        if not named:
            return self._condition(raw, path)
        if len(raw) > 1:
            raise WrongValue("wrong_type", "“all”, “any” or “none” stands alone.")
        return self._group(named[0], raw[named[0]], path, depth)

    def _group(self, name: str, raw: Any, path: str, depth: int) -> Node:
        if not isinstance(raw, list):
            raise WrongValue("wrong_type", "A list is needed.", f".{name}")
        children = [self.node(child, f"{path}.{name}.{number}", depth + 1) for number, child in enumerate(raw)]
        return _GROUPS[name](tuple(child for child in children if child is not None))

    def _condition(self, raw: dict[Any, Any], path: str) -> Condition:
        if more := sorted(str(name) for name in raw.keys() - _CONDITION):
            raise WrongValue("unknown", "A condition has “field”, “op” and “value”.", f".{more[0]}")
        name, op = raw.get("field"), raw.get("op")
        found = self.fields(name) if isinstance(name, str) else None
        if found is None:
            raise WrongValue("unknown_field", "There is no such field.", ".field")
        if not isinstance(op, str) or op not in OPS[found.type]:
            usable = ", ".join(sorted(OPS[found.type]))
            raise WrongValue("unknown_op", f"“{found.name}” takes {usable}.", ".op")
        try:
            return Condition(found, Op(op), self._value(found, Op(op), raw.get("value"), path))
        except WrongValue as wrong:
            raise WrongValue(wrong.code, wrong.detail, f".value{wrong.at}") from wrong

    def _value(self, found: Field, op: Op, raw: Any, path: str) -> Value:
        if op in {Op.FILLED, Op.EMPTY}:
            if raw is not None:
                raise WrongValue("wrong_type", f"“{op}” takes no value.")
            return None
        if op is Op.IN:
            return self._several(found, raw, path)
        if op is Op.BETWEEN:
            if not isinstance(raw, list) or len(raw) != _PAIR:
                raise WrongValue("wrong_type", "A list of two values is needed.")
            return _listed(found, op, raw)
        return scalar(found.type, op, raw)

    def _several(self, found: Field, raw: Any, path: str) -> Value:
        if not isinstance(raw, list) or not raw:
            raise WrongValue("wrong_type", "A list of values is needed.")
        self.values += len(raw)
        if self.values > MAX_VALUES:
            raise _complex(f"{path}.value", f"At most {MAX_VALUES} listed values.")
        return _listed(found, Op.IS, raw)


def _listed(found: Field, op: Op, raw: list[Any]) -> Value:
    values = []
    for number, value in enumerate(raw):
        try:
            values.append(scalar(found.type, op, value))
        except WrongValue as wrong:
            raise WrongValue(wrong.code, wrong.detail, f".{number}{wrong.at}") from wrong
    return tuple(values)


def _complex(path: str, detail: str) -> QueryRefused:
    return QueryRefused("query_too_complex", [QueryError(path, "too_complex", detail)])
