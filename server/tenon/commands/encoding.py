"""Answers as plain JSON values: field names are those of the dataclasses, verdicts are words."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any

from tenon.service.request import Nothing, Outcome, Suggestion


def plain(value: object) -> Any:
    """Dataclasses, enums and tuples, however deep, as what `json` can write."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Enum):
        return value.name.lower()
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def outcome(value: Outcome) -> dict[str, Any]:
    """An outcome with a word for what it is."""
    match value:
        case Suggestion():
            word = "suggestion"
        case Nothing():
            word = "nothing"
        case _:
            word = "superseded"
    return {"outcome": word, **plain(value)}
