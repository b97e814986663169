"""What is white at the end of an answer goes, but never what a backslash needs."""

from __future__ import annotations

import pytest

from tenon.service.answering import without_blanks


@pytest.mark.parametrize(
    ("text", "left"),
    [("x = 1  \n\n", "x = 1"), ("x", "x"), ("\n  ", ""), ("x = \\\n", "x = \\\n")],
)
def test_blanks_go_but_for_the_line_end_behind_a_backslash(text: str, left: str) -> None:
    assert without_blanks(text) == left
