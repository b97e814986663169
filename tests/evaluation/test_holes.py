"""Holes are cut where they say, from code that compiles, and the same ones for a seed."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from tenon.evaluation.holes import DISTANCE, MOST_LINES, Hole, Kind, Place, Source, holes
from tenon.evaluation.judge import compiles

STDLIB = Path(sysconfig.get_path("stdlib"))


def source(text: str | None, name: str = "sample.py") -> Source:
    return Source(name=name, uri=f"file:///{name}", load=lambda: text)


def stdlib() -> list[Source]:
    """Files of many habits, small enough for a quick test."""
    names = ("abc", "bisect", "contextlib", "dataclasses", "fractions", "queue", "shlex", "timeit")
    return [source((STDLIB / f"{name}.py").read_text("utf-8"), f"{name}.py") for name in names]


@pytest.fixture(scope="module")
def found() -> list[Hole]:
    return list(holes(stdlib(), count=160, seed=3))


def test_every_hole_that_was_asked_for_is_found(found: list[Hole]) -> None:
    assert len(found) == 160
    assert {hole.kind for hole in found} == set(Kind)
    assert {hole.place for hole in found} == set(Place)
    assert 20 <= sum(hole.broken for hole in found) <= 60


def test_the_author_s_text_fits_its_hole(found: list[Hole]) -> None:
    for hole in found:
        assert compiles(hole.filled(hole.expected)), hole.position
        assert hole.expected.strip()


def test_a_broken_file_stays_broken_whatever_fills_the_hole(found: list[Hole]) -> None:
    for hole in found:
        if hole.broken:
            assert not compiles(hole.before + hole.expected + hole.after), hole.position


def test_damage_keeps_its_distance_from_the_hole(found: list[Hole]) -> None:
    for hole in found:
        if hole.broken:
            near_before = hole.before.splitlines()[-DISTANCE:]
            near_after = hole.after.splitlines()[:DISTANCE]
            assert hole.intact[0].splitlines()[-DISTANCE:] == near_before
            assert hole.intact[1].splitlines()[:DISTANCE] == near_after


def test_each_kind_swallows_what_it_says(found: list[Hole]) -> None:
    for hole in found:
        before, after = hole.intact
        if hole.kind is Kind.LINE_END:
            assert "\n" not in hole.expected and after.startswith("\n")
        elif hole.kind is Kind.WITHIN_LINE:
            assert "\n" not in hole.expected and not after.startswith("\n")
        else:
            assert hole.expected.count("\n") <= MOST_LINES
            stands_free = before.endswith((" ", "\n", ":", ";"))
            assert stands_free or not before


def test_a_seed_means_the_same_holes_and_another_means_others() -> None:
    def drawn(seed: int, files: list[Source]) -> list[tuple[str, str, str]]:
        return [(h.before, h.expected, h.after) for h in holes(files, count=30, seed=seed)]

    files = stdlib()
    assert drawn(1, files) == drawn(1, files[::-1])
    assert drawn(1, files) != drawn(2, files)


def test_only_the_kinds_that_were_asked_for_are_cut() -> None:
    cut = holes(stdlib(), count=20, seed=0, kinds=[Kind.BLOCK])
    assert {hole.kind for hole in cut} == {Kind.BLOCK}


def test_files_that_are_no_code_pass_their_share_on() -> None:
    unusable = [None, "", "def (:\n", "return 1\n", "x = '\0'\n", "(" * 500]
    files = [source(text, f"{index}.py") for index, text in enumerate(unusable)]
    assert list(holes(files, count=10, seed=0)) == []
    good = source("total = price * amount\nprint(total, price, amount)\n", "good.py")
    found = list(holes([*files, good], count=10, seed=0))
    assert len(found) >= 4
    assert {hole.source.name for hole in found} == {"good.py"}


def test_no_hole_is_cut_twice() -> None:
    found = list(holes([source("total = price\n")], count=500, seed=0))
    cuts = [(len(hole.before), len(hole.expected)) for hole in found]
    assert len(cuts) == len(set(cuts))


def test_positions_count_characters_not_bytes() -> None:
    text = "größe = 'é𝛼'; länge = größe\n"
    cut = holes([source(text)], count=50, seed=0, kinds=[Kind.STATEMENT])
    assert {hole.expected for hole in cut} == {"größe = 'é𝛼'", "länge = größe"}


def test_a_block_is_cut_with_its_line_break_or_without() -> None:
    text = "if ready:\n    start()\n    wait()\n"
    cut = holes([source(text)], count=50, seed=0, kinds=[Kind.BLOCK])
    assert {hole.expected for hole in cut} == {
        "start()\n    wait()",
        "\n    start()\n    wait()",
    }


def test_a_block_that_begins_with_a_decorator_is_cut_whole() -> None:
    text = "class Box:\n    @property\n    def lid(self): return 1\n"
    cut = holes([source(text)], count=50, seed=0, kinds=[Kind.BLOCK])
    assert "@property\n    def lid(self): return 1" in {hole.expected for hole in cut}


def test_line_ends_stay_as_the_file_has_them() -> None:
    text = "if ready:\r\n    start()\r\n    wait()\r\n"
    for hole in holes([source(text)], count=50, seed=0):
        assert hole.filled(hole.expected) == text
        if hole.kind is Kind.LINE_END:
            assert hole.after.startswith("\r\n")
