"""What counts as introduced: more than the author's own file has, however its lines moved."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tenon.evaluation.diagnostics import Diagnostic, Fault, Found, Lines, introduced

BEFORE = "first\nsecond\n"
AUTHOR = "one\ntwo"


def said(line: int, message: str = "no 'x' here", code: str = "unresolved") -> Diagnostic:
    return Diagnostic(
        judge="ty", code=code, message=message, fault=Fault.NAME, line=line, column=0
    )


def found(
    answer: str,
    answered: Sequence[Diagnostic],
    authored: Sequence[Diagnostic] = (),
    empty: Sequence[Diagnostic] = (),
) -> list[tuple[int, Found]]:
    """The line and the place of all that `answer`, on line 2, brings in."""
    new = introduced(
        answered,
        authored,
        lambda: empty,
        answer=Lines.of(BEFORE, answer),
        author=Lines.of(BEFORE, AUTHOR),
    )
    return [(one.diagnostic.line, one.found) for one in new]


def test_what_shows_in_the_answer_s_own_lines_is_its_own() -> None:
    assert found("a\nb\nc", [said(2), said(4)]) == [(2, Found.ANSWER), (4, Found.ANSWER)]


def test_what_the_author_s_lines_have_too_is_not_introduced() -> None:
    assert found("a", [said(2)], [said(3)]) == []
    assert found("a", [said(2), said(2)], [said(3)]) == [(2, Found.ANSWER)]


@pytest.mark.parametrize(("answer", "line"), [("a", 6), ("a\nb", 7), ("a\nb\nc\nd", 9)])
def test_what_only_moved_with_the_lines_is_not_introduced(answer: str, line: int) -> None:
    assert found(answer, [said(0), said(line)], [said(0), said(7)]) == []


def test_what_moved_by_more_than_the_lines_is_known_by_what_it_says() -> None:
    assert found("a", [said(9)], [said(7)]) == []


def test_another_message_or_another_rule_is_another_diagnostic() -> None:
    assert found("a", [said(2, "no 'y' here")], [said(3)]) == [(2, Found.ANSWER)]
    assert found("a", [said(2, code="other")], [said(3)]) == [(2, Found.ANSWER)]


def test_details_after_the_first_line_make_no_difference() -> None:
    assert found("a", [said(6, "bad\ndefined at 6")], [said(7, "bad\ndefined at 7")]) == []


def test_what_breaks_elsewhere_is_introduced() -> None:
    assert found("a", [said(5)]) == [(5, Found.ELSEWHERE)]


def test_what_stood_elsewhere_before_anything_was_inserted_is_unmended() -> None:
    assert found("a\nb", [said(6)], empty=[said(5)]) == [(6, Found.UNMENDED)]
    assert found("a\nb", [said(6), said(8)], empty=[said(5)]) == [
        (6, Found.UNMENDED),
        (8, Found.ELSEWHERE),
    ]


def test_a_word_half_written_before_the_hole_excuses_no_answer() -> None:
    assert found("a", [said(2)], empty=[said(2)]) == [(2, Found.ANSWER)]


def test_the_empty_hole_is_judged_only_where_it_matters() -> None:
    def unwanted() -> Sequence[Diagnostic]:
        raise AssertionError("nothing new shows elsewhere")

    lines = Lines.of(BEFORE, "a")
    new = introduced([said(2)], [], unwanted, answer=lines, author=lines)
    assert [one.found for one in new] == [Found.ANSWER]
