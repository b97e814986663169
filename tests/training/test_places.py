"""A cut loses nothing, and every kind of place comes up."""

from __future__ import annotations

import random
from pathlib import Path

from training import places
from training.places import cut

TEXT = Path(places.__file__).read_text("utf-8")


def test_before_middle_and_after_are_the_text() -> None:
    chance = random.Random(1)
    found = [cut(TEXT, chance) for _ in range(500)]
    made = [each for each in found if each is not None]
    assert len(made) > 400
    for each in made:
        assert each.before + each.middle + each.after == TEXT
        assert each.middle.strip()


def test_cursors_stand_after_dots_in_calls_in_words_and_before_blocks() -> None:
    chance = random.Random(2)
    made = [each for each in (cut(TEXT, chance) for _ in range(1500)) if each is not None]
    assert sum(each.before.endswith(".") for each in made) > 50
    assert sum(each.before.rstrip(" ")[-1:] in ("(", ",") for each in made) > 50
    assert sum(each.before[-1:].isalnum() and each.middle[0].isalnum() for each in made) > 30
    assert sum("\n" in each.middle for each in made) > 100
    to_line_end = sum("\n" not in each.middle and each.after.startswith("\n") for each in made)
    assert to_line_end > 0.5 * len(made)


def test_a_text_without_a_place_gives_none() -> None:
    assert cut("\n\n   \n", random.Random(0)) is None
