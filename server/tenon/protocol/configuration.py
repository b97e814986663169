"""Configuration: the several places a client puts settings, as one `Settings`.

`initializationOptions` are the base, `workspace/didChangeConfiguration` lies over them; either
holds the settings themselves or has them under "tenon". Null means the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tenon.service.settings import Settings


class BadSettings(Exception):
    """The message names each field at fault and what is wrong with it."""


def settings(base: Any, over: Any) -> Settings:
    """Raises `BadSettings`."""
    merged = _merge(section(base), section(over))
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        faults = (
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']} (got {fault['input']!r:.80})"
            for fault in error.errors(include_url=False, include_context=False)
        )
        raise BadSettings("; ".join(faults)) from None


def section(value: Any) -> Mapping[str, Any]:
    """Tenon's own part of what a client calls settings. Raises `BadSettings`."""
    if isinstance(value, Mapping) and "tenon" in value:
        value = value["tenon"]
    if value is None or value == []:  # What an empty table of Lua may become in JSON.
        return {}
    if not isinstance(value, Mapping):
        raise BadSettings(f"settings are an object, not {value!r:.80}")
    return value


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = _merge(merged[name], value)
        else:
            merged[name] = value
    return _without_null(merged)


def _without_null(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_null(member) if isinstance(member, Mapping) else member
        for name, member in value.items()
        if member is not None
    }
