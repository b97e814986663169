"""A JSON Schema made safe to decode under: nothing an author may write is refused.

llguidance writes an object's properties in the schema's order and asks for the required ones;
an author keeps no order, and a half-written file lacks some. So properties become patterns,
which may come in any order, and what would need a whole document to decide is left out.
Knows schemas as data; knows nothing of files or of the library that compiles the result.
"""

from __future__ import annotations

import json
import re
from typing import Any

_UNDECIDED = frozenset(
    {
        "$schema",
        "$id",
        "$comment",
        "if",
        "then",
        "else",
        "not",
        "required",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "contains",
        "minContains",
        "maxContains",
        "uniqueItems",
        "format",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "examples",
        "title",
        "description",
        "deprecated",
        "readOnly",
        "writeOnly",
    }
)
"""Keywords that a part of a document cannot violate yet, or that constrain no text."""

_SCHEMAS_BY_NAME = frozenset({"$defs", "definitions", "patternProperties"})
_DATA = frozenset({"enum", "const"})


def order_free(schema: Any) -> str:
    """The schema as JSON text, made to allow properties in any order and to require none."""
    return json.dumps(_loosened(schema))


def _loosened(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_loosened(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    loose: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _UNDECIDED:
            continue
        if key in _DATA:
            loose[key] = value
        elif key == "properties" and isinstance(value, dict):
            patterns = loose.setdefault("patternProperties", {})
            for name, each in value.items():
                patterns[f"^{re.escape(name)}$"] = _loosened(each)
        elif key in _SCHEMAS_BY_NAME and isinstance(value, dict):
            named = {name: _loosened(each) for name, each in value.items()}
            loose[key] = {**loose.get(key, {}), **named}
        elif key == "oneOf":
            # "Exactly one" takes the whole value to decide; "at least one" does not.
            loose["anyOf"] = _loosened(value)
        else:
            loose[key] = _loosened(value)
    return loose
