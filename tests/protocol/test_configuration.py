"""Settings from wherever a client puts them."""

from __future__ import annotations

from typing import Any

import pytest

from tenon.protocol.configuration import BadSettings, settings
from tenon.service.settings import Settings

SLOW = {"completion": {"deadline_ms": 5000}}


@pytest.mark.parametrize("base", [SLOW, {"tenon": SLOW}, {**SLOW, "status": True, "future": 1}])
def test_settings_stand_alone_or_in_a_section(base: Any) -> None:
    assert settings(base, None).completion.deadline_ms == 5000


@pytest.mark.parametrize("nothing", [None, {}, [], {"tenon": None}, {"python": {}}])
def test_without_settings_the_defaults_hold(nothing: Any) -> None:
    assert settings(nothing, nothing) == Settings()


def test_later_settings_lie_over_the_first_member_by_member() -> None:
    chosen = settings(SLOW, {"tenon": {"completion": {"max_tokens": 7}, "streaming": True}})
    assert (chosen.completion.deadline_ms, chosen.completion.max_tokens) == (5000, 7)
    assert chosen.streaming


def test_null_is_the_default_whatever_was_set_before() -> None:
    base = {"model": {"path": "/a.gguf", "context_length": 512}, "streaming": True}
    chosen = settings(base, {"model": {"path": None}, "streaming": None})
    assert chosen.model.path is None
    assert chosen.model.context_length == 512
    assert not chosen.streaming


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"completion": {"deadline_ms": 5}}, "completion.deadline_ms"),
        ({"completion": {"lines": "many"}}, "completion.lines"),
        ({"model": "a.gguf"}, "model"),
        ({"log_level": 3}, "log_level"),
        ([1], "object"),
        ({"tenon": "x"}, "object"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(bad: Any, field: str) -> None:
    with pytest.raises(BadSettings, match=field):
        settings(None, bad)
    with pytest.raises(BadSettings, match=field):
        settings(bad, None)
