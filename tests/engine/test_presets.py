"""The list of models is whole, and the choice among them is kept, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from tenon.engine.engine import EngineError
from tenon.engine.models import bundled
from tenon.engine.presets import choose, chosen, in_use, preset, presets


def test_every_preset_is_named_once_and_found_by_its_name() -> None:
    names = [each.name for each in presets()]
    assert len(names) == len(set(names)) >= 8
    for each in presets():
        assert preset(each.name) is each
        assert each.file.endswith(".gguf")
        assert each.memory > each.size > 0
        # Four to nine bits a weight: a slip of the pen in either figure would show.
        assert 0.45 < each.size / each.parameters < 1.15


def test_the_choice_is_kept_until_the_bundled_model_is_chosen_again(tmp_path: Path) -> None:
    model = tmp_path / "own.gguf"
    model.write_bytes(b"GGUF")
    try:
        choose(model)
        assert chosen() == model
        assert in_use(None) == model
        assert in_use("elsewhere.gguf") == Path("elsewhere.gguf")
        model.unlink()
        with pytest.raises(EngineError, match="is gone"):
            chosen()
    finally:
        choose(None)
    assert chosen() is None
    assert in_use(None) == bundled()


@pytest.mark.parametrize("text", ["", "{", '{"path": 3}', "[]"])
def test_a_damaged_choice_is_an_error_that_says_what_to_do(text: str) -> None:
    file = platformdirs.user_config_path("tenon") / "model.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    try:
        with pytest.raises(EngineError, match="tenon model use"):
            chosen()
    finally:
        choose(None)
