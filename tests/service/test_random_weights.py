"""A model of random weights has nothing to say, and says it wherever it is let: what is answered
is the constraints' doing, and parses, and hardly any place is left without an answer."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from models import random_model

from tenon.commands.session import service, settings
from tenon.service.request import Request, Suggestion
from tenon.syntax.python import parses
from tenon.text import Deadline, Document

PLACES = [
    "def f(a):\n    <|>\n\n\nx = 1\n",
    "def f(a):\n    if a is None:\n        a = <|>\n    return a\n",
    "class A(B<|>\n    pass\n",
    "import os\n\nfor<|>\n    print(os.name)\n",
    "try:\n    x = 1\nexcept ValueError:\n    x = 2\n<|>\n    x = 3\n",
    "def f(a):\n    print(a, f(<|>\n    return a\n",
    "cla<|>object):\n    pass\n",
    "x = [a for<|>\ny = 1\n",
    "def f():\n    <|>\n    def g():\n        nonlocal seen\n        seen = 1\n    return g\n",
]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    path = random_model(folder / "random.gguf")
    with service(settings(model=path), Path(folder)) as running:
        yield running


@pytest.mark.parametrize("marked", PLACES)
def test_every_place_has_an_answer_and_every_answer_parses(running, marked: str) -> None:
    before, _, after = marked.partition("<|>")
    document = Document(uri="file:///place.py", version=PLACES.index(marked), text=before + after)
    request = Request(
        document=document, offset=len(before), deadline=Deadline(at=math.inf), invoked=True
    )
    outcome = running.submit(request).result()
    running.forget(document.uri)
    assert isinstance(outcome, Suggestion), outcome.reason
    assert parses(before + outcome.text + after)
