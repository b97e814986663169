"""Sifting: what has been refused of a candidate is not asked again of those that begin like it."""

from __future__ import annotations

import pytest

from tenon.constraints.constraint import AllOf, Evidence
from tenon.constraints.derive import derive
from tenon.decoding.hole import Hole
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Matcher
from tenon.decoding.meter import Meter
from tenon.decoding.policy import StopPolicy
from tenon.decoding.said import Said
from tenon.decoding.sifting import Sifting
from tenon.semantics import Analyser
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document

ANY = "start: /(.|\\n)*/\n"


class Counted(AllOf):
    """The constraints, and how often they were asked for a refusal."""

    def refusal(self, text: str) -> Evidence | None:
        asked.append(text)
        return AllOf.refusal(self, text)


asked: list[str] = []


def sifting(engine, vocabulary, source: str, words: str) -> Sifting:
    before, after = source.split("<|>")
    document = Document(uri="untitled:test", version=1, text=before + after)
    context = PythonSyntax().context(document, len(before))
    facts = Analyser(None).analyse(document, context, Deadline.after(60))
    constraints = Counted(derive(context, facts))
    hole = Hole(
        matcher=Matcher.from_lark(vocabulary, ANY),
        closing=[],
        confirm=lambda text: True,
        constraint=lambda: constraints,
        policy=StopPolicy(block=False),
    )
    said = Said(engine, vocabulary, hole)
    for token in engine.tokenize(words.encode()):
        said.accept(token)
    asked.clear()
    return Sifting(said, Judging(said, Meter()))


PLACES = [
    ("zebra = 1\nx = <|>\n", "zeb"),
    ("def paint(colour): ...\npaint(1, <|>)\n", ""),
    ("from json import <|>\n", "lo"),
    ("def f() -> int:\n    text = 'a'\n    return <|>\n", "text."),
]


@pytest.mark.parametrize(("source", "words"), PLACES)
def test_whatever_is_sifted_out_would_be_refused(engine, vocabulary, source, words) -> None:
    sieve = sifting(engine, vocabulary, source, words)
    sifted = 0
    for token in range(300, 1500):
        piece = engine.token_bytes(token)
        if sieve.refuses(token):
            sifted += 1
            assert sieve.judging.refusal_with(piece) is not None, piece
        elif sieve.judging.refusal_with(piece) is not None:
            sieve.learn(token)
    assert sifted > 100


def test_what_a_refused_candidate_begins_with_is_asked_about_once(engine, vocabulary) -> None:
    sieve = sifting(engine, vocabulary, "zebra = 1\nx = <|>\n", "zeb")
    (append,) = engine.tokenize(b".append")
    (keys,) = engine.tokenize(b".keys")
    (rest,) = engine.tokenize(b"ra")
    assert not sieve.refuses(keys), "nothing is known yet"
    assert sieve.judging.refusal("zeb") is None
    asked.clear()
    sieve.learn(append)
    assert asked == ["zeb."]
    assert sieve.refuses(keys)
    assert not sieve.refuses(rest)
    sieve.start_over()
    assert not sieve.refuses(keys), "another place, another text"
