"""The query tree of the API (features.md Q3): what may be asked of a customer, checked to the last value, and what it means.

It decides no visibility and touches no index: a caller gives the fields that may be named, an engine gives the answer.
"""

from .fields import BUILT_IN, OPS, SORTABLE, Field, FieldType, custom_field
from .fold import comparable, display_name, numbers_of, phone_forms, values_of
from .parse import MAX_CLAUSES, MAX_DEPTH, MAX_VALUES, QueryError, QueryRefused, parse
from .tree import AllOf, AnyOf, Condition, Day, GroupRef, Node, NoneOf, Op, Period, Value, custom_fields_in
from .when import QueryContext, day_bounds, days_of_period, instants, local_today
from .wire import QueryTree

__all__ = [
    "BUILT_IN",
    "MAX_CLAUSES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "OPS",
    "SORTABLE",
    "AllOf",
    "AnyOf",
    "Condition",
    "Day",
    "Field",
    "FieldType",
    "GroupRef",
    "Node",
    "NoneOf",
    "Op",
    "Period",
    "QueryContext",
    "QueryError",
    "QueryRefused",
    "QueryTree",
    "Value",
    "comparable",
    "custom_field",
    "custom_fields_in",
    "day_bounds",
    "days_of_period",
    "display_name",
    "instants",
    "local_today",
    "numbers_of",
    "parse",
    "phone_forms",
    "values_of",
]
