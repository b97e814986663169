"""Questions about what was said a moment ago hold decoding up no longer than they may."""

from __future__ import annotations

import ast
import math
import threading
import time
from pathlib import Path

from tenon.semantics import Analyser
from tenon.semantics.inquiry import Inquiry
from tenon.semantics.types import ClassObject
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


def inquiry() -> Inquiry:
    document = Document(uri="file:///case.py", version=1, text="import os\n\n")
    context = PythonSyntax().context(document, len(document.text))
    facts = Analyser(Path("nowhere")).analyse(document, context, Deadline.after(60.0))
    assert facts.inquiry is not None
    return facts.inquiry


def test_a_question_is_asked_at_its_own_cursor_though_another_was_looked_at_since() -> None:
    analyser = Analyser(Path("nowhere"))

    def asked_in(text: str) -> Inquiry:
        document = Document(uri="file:///case.py", version=1, text=text)
        context = PythonSyntax().context(document, len(text))
        facts = analyser.analyse(document, context, Deadline(at=math.inf))
        assert facts.inquiry is not None
        return facts.inquiry

    first = asked_in("x = ")
    asked_in("from other import Path\ny = ")
    node = ast.parse("Path", mode="eval").body
    found = first.ask("type", lambda place: place.prover.expression(node, place.scope))
    assert isinstance(found, ClassObject) and found.cls.full_name == "pathlib.Path"


def test_many_questions_to_a_busy_analysis_wait_as_long_as_one() -> None:
    asked = inquiry()
    begun, over = threading.Event(), threading.Event()

    def long_one(place: object) -> bool:
        begun.set()
        return over.wait(30.0)

    busy = threading.Thread(target=asked.ask, args=("long", long_one))
    busy.start()
    try:
        assert begun.wait(30.0)
        started = time.monotonic()
        found = [asked.ask(number, lambda place: 1) for number in range(200)]
        took = time.monotonic() - started
    finally:
        over.set()
        busy.join()
    assert found == [None] * 200
    assert took < 0.3  # Three milliseconds for each would make twice that.
    assert asked.ask(0, lambda place: 1) == 1
