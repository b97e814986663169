"""Several answers to one request: apart from each other, each fit for the place, in order."""

from __future__ import annotations

import ast

import pytest

from tenon.service.request import Request, Suggestion
from tenon.service.service import Service
from tenon.text import Deadline, Document

WAIT = 30
PLACES = [
    "def area(width, height):\n    return <|>\n",
    "class Shape:\n    def __init__(self, name):\n        self.name = <|>\n",
    "x = [1, 2, <|>]\n",
    "import <|>\n",
]


URI = "file:///candidates.py"


def ask(service: Service, marked: str, candidates: int, *, seconds: float = 20) -> Suggestion:
    before, after = marked.split("<|>")
    document = Document(uri=URI, version=1, text=before + after)
    outcome = service.submit(
        Request(
            document=document,
            offset=len(before),
            deadline=Deadline.after(seconds),
            invoked=True,
            candidates=candidates,
        )
    ).result(WAIT)
    assert isinstance(outcome, Suggestion)
    return outcome


@pytest.mark.parametrize("marked", PLACES)
def test_candidates_differ_and_each_of_them_fits(service: Service, marked: str) -> None:
    outcome = ask(service, marked, 3)
    texts = [outcome.text, *(other.text for other in outcome.others)]
    assert len(texts) == len(set(texts)) > 1
    for text in texts:
        ast.parse(marked.replace("<|>", text))
    assert not any(other.others for other in outcome.others)


def test_no_more_are_made_than_are_wanted(service: Service) -> None:
    for wanted in (1, 2, 4):
        assert len(ask(service, PLACES[0], wanted).others) < wanted


def test_the_models_favourite_comes_first(service: Service) -> None:
    outcome = ask(service, PLACES[0], 4)
    answers = (outcome, *outcome.others)
    made = service._continuations._by_document[URI][: len(answers)]
    likely = [each.decoding.likelihood for each in made]
    assert len(likely) > 1
    assert likely == sorted(likely, reverse=True)
    for answer, begun in zip(answers, made, strict=True):
        assert answer.text.startswith(begun.decoding.text)


def test_the_prompt_is_read_once_for_all(service: Service) -> None:
    one = ask(service, "# one\n" + PLACES[0], 1).timings
    four = ask(service, "# two\n" + PLACES[0], 4).timings
    assert one.prompt_computed > 4
    assert four.prompt_reused + four.prompt_computed == one.prompt_reused + one.prompt_computed


def test_without_time_for_more_there_is_one(service: Service) -> None:
    marked = "import os\n\n# Return the <|>\ndef read(path):\n    pass\n"
    # Enough for a first answer on a busy machine, and seldom for eight.
    assert ask(service, marked, 8, seconds=1.0).text


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_whichever_is_typed_is_gone_on_with(service: Service, chosen: int) -> None:
    service.forget(URI)
    outcome = ask(service, PLACES[1], 3)
    text = (outcome, *outcome.others)[chosen].text
    typed = PLACES[1].replace("<|>", text[:-1] + "<|>")
    rest = ask(service, typed, 1)
    assert rest.text == text[-1]
    assert rest.timings.prompt_computed == 0
