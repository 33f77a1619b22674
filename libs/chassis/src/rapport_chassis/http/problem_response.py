"""A problem as an HTTP response."""

from __future__ import annotations

import orjson
from fastapi import Response

from rapport_chassis.problems import Problem


def problem_response(problem: Problem) -> Response:
    """The problem document as a response."""
    content = orjson.dumps(problem.document(), default=str, option=orjson.OPT_UTC_Z)
    return Response(content, problem.status, problem.headers, media_type="application/problem+json")
