"""What an answer has said counts: behind each of its lines the facts are asked for anew."""

from __future__ import annotations

import math
from concurrent.futures import Future
from pathlib import Path

import pytest

from tenon.constraints.constraint import AllOf, Verdict
from tenon.constraints.derive import derive
from tenon.semantics import Analyser
from tenon.service.refreshing import Refreshing
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


class Answer:
    """An answer that grows at the `<|>` of a buffer, with the real analysis behind it."""

    def __init__(self, marked: str, *, patient: bool = True) -> None:
        self.before, cursor, self.after = marked.partition("<|>")
        assert cursor and "<|>" not in self.after
        self._syntax = PythonSyntax()
        self._analyser = Analyser(Path("nowhere"))
        self.asked: list[str] = []
        self.coming: list[Future[AllOf | None]] = []
        first: Future[AllOf] = Future()
        first.set_result(self._constraints(""))
        self.held = Refreshing(first, self._behind, patient=patient)
        self._patient = patient

    def _constraints(self, said: str) -> AllOf:
        before = self.before + said
        document = Document(uri="file:///case.py", version=1, text=before + self.after)
        context = self._syntax.context(document, len(before))
        facts = self._analyser.analyse(document, context, Deadline(at=math.inf))
        return AllOf(derive(context, facts))

    def _behind(self, said: str) -> Future[AllOf | None]:
        future: Future[AllOf | None] = Future()
        self.asked.append(said)
        self.coming.append(future)
        if self._patient:
            future.set_result(self._constraints(said))
        return future

    def verdict(self, text: str) -> Verdict:
        """That on `text`, said one by one."""
        for end in range(1, len(text) + 1):
            judgement = self.held().judge(text[:end])
        return judgement.verdict

    def refused_at(self, text: str) -> int | None:
        """After how many characters `text` is refused, said one by one; None where it is not."""
        for end in range(1, len(text) + 1):
            if self.held().judge(text[:end]).verdict is Verdict.DEAD:
                return end
        return None


KNOWN = [
    ("<|>", "import pathlib\npath = pathlib.Path()\npath.q"),
    ("def f(names: list[str]):\n    <|>\n", "for name in names:\n        name.q"),
    ("<|>", "with open('x') as file:\n    1 + file.q"),
    ("<|>", "class Box:\n    def __init__(self):\n        self.size = 1\n\nbox = Box()\n1 + box.q"),
    ("<|>", "try:\n    pass\nexcept OSError as error:\n    1 + error.q"),
    (
        "def f(x):\n    <|>\n    return x\n",
        "y = [''.upper() for _ in x]\n    for z in y:\n        z\n    w = ''\n    w.q",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "text"), KNOWN)
def test_what_a_line_of_the_answer_binds_is_known_on_the_next(marked: str, text: str) -> None:
    assert Answer(marked).refused_at(text) == len(text)


def test_what_waits_in_an_open_bracket_is_not_forgotten_at_a_line_break() -> None:
    held = Answer("def f(x):\n    return max(<|>, x)\n")
    text = "\n    nowhere(x)\n\n@x"
    for end in range(1, len(text) + 1):
        last = held.held().judge(text[:end]).verdict
    assert held.asked
    assert last is not Verdict.COMPLETE


def test_a_bracket_that_is_open_counts_where_a_word_is_glued_behind_the_cursor_too() -> None:
    answer = Answer("def f(x):\n    <|>xs(x)\n")
    text = "print(\n    nowhere(x)\n    "
    assert answer.verdict(text + "+ 1") is not Verdict.DEAD
    assert text in answer.asked
    assert answer.held().judge(text + ")").verdict is Verdict.DEAD


GLUED = [
    (
        "def f(text: str):\n    <|>alue.strip()\n",
        "value = text.upper()\n    value.strip",
        "\n    v",
    ),
    (
        "def f(text: str):\n    print(\n        text,\n    )\n    <|>alue.strip()\n",
        "value = max(\n        text,\n        text.upper(),\n    )\n    value.strip",
        "\n    v",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "wrong", "right"), GLUED)
def test_a_word_glued_behind_the_cursor_goes_with_what_the_answer_bound(
    marked: str, wrong: str, right: str
) -> None:
    """Where the answer ends in half of that word, and where it ends in more than that."""
    lines, _, _ = wrong.rpartition("\n")
    assert Answer(marked).verdict(wrong) is not Verdict.COMPLETE
    assert Answer(marked).verdict(lines + right) is Verdict.COMPLETE


ALLOWED = [
    ("<|>", "import pathlib\npath = pathlib.Path()\npath.exists()\n"),
    ("from what import what\n<|>", "x = what()\nx.anything\n"),
    ("from what import what\n<|>", "print(\n    foo.bar for foo in what()\n)\n"),
    ("<|>", "def fresh(a, b):\n    c = a + b\n    return c.d\n\nfresh(1, 2)\n"),
    (
        "<|>",
        "class Box:\n    def grow(self):\n        self.more = 1\n        return self.more\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "text"), ALLOWED)
def test_what_the_answer_introduces_may_be_used(marked: str, text: str) -> None:
    assert Answer(marked).refused_at(text) is None


def test_one_analysis_a_line_and_never_two_at_once() -> None:
    answer = Answer("<|>", patient=False)
    assert answer.refused_at("a = ''\nb = ''\na.q\n") is None
    assert answer.asked == ["a = ''\n"]


def test_decoding_goes_on_with_what_it_has_until_the_new_facts_come() -> None:
    answer = Answer("<|>", patient=False)
    text = "a = ''\na.q"
    assert answer.refused_at(text) is None
    answer.coming[0].set_result(answer._constraints("a = ''\n"))
    assert answer.held().judge(text).verdict is Verdict.DEAD
    assert answer.held().judge("b = 1\nb").verdict is not Verdict.DEAD


def test_a_place_without_facts_leaves_things_as_they_are() -> None:
    answer = Answer("<|>", patient=False)
    answer.refused_at("a = ''\na.q")
    answer.coming[0].set_result(None)
    assert answer.held().judge("a = ''\na.q").verdict is not Verdict.DEAD
