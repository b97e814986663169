"""Columns in the client's units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.protocol.positions import Encoding, to_column, to_units

LINE = "x = 'é😀字'"
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@pytest.mark.parametrize(
    ("encoding", "units"), [(Encoding.UTF8, 14), (Encoding.UTF16, 9), (Encoding.UTF32, 8)]
)
def test_each_encoding_counts_the_same_place_in_its_own_units(
    encoding: Encoding, units: int
) -> None:
    assert to_units(LINE, 8, encoding) == units
    assert to_column(LINE, units, encoding) == 8


@pytest.mark.parametrize("encoding", Encoding)
@given(line=LINES, column=st.integers(0, 40))
def test_there_and_back_is_the_same_place(encoding: Encoding, line: str, column: int) -> None:
    column = min(column, len(line))
    assert to_column(line, to_units(line, column, encoding), encoding) == column


@pytest.mark.parametrize(("encoding", "units"), [(Encoding.UTF8, 9), (Encoding.UTF16, 7)])
def test_a_position_inside_a_character_is_that_characters_start(
    encoding: Encoding, units: int
) -> None:
    assert to_column(LINE, units, encoding) == LINE.index("😀")


@pytest.mark.parametrize("encoding", Encoding)
def test_a_position_out_of_the_line_is_clamped(encoding: Encoding) -> None:
    assert to_column(LINE, -3, encoding) == 0
    assert to_column(LINE, 2**31 - 1, encoding) == len(LINE)
