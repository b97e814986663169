"""The search for something that fits: where saying on came to nothing, a likely text is found."""

from __future__ import annotations

import math

import pytest

from tenon.constraints.constraint import AllOf
from tenon.decoding.bridging import Bridging
from tenon.decoding.checkpoints import Checkpoints
from tenon.decoding.choosing import Choosing
from tenon.decoding.hole import Hole
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Matcher
from tenon.decoding.meter import Meter
from tenon.decoding.policy import StopPolicy
from tenon.decoding.said import Said
from tenon.text import Cancelled, CancelToken, Deadline

LOOP = 'start: "for " /[a-z]+/ " in" " "* /[a-z]+/ ":" "\\n"\n'
SUM = 'start: "x = " /[0-9]{1,3}/ (" + " /[0-9]{1,3}/)* "\\n"\n'
NEVER = Deadline(at=math.inf)


@pytest.fixture
def search(engine, vocabulary):
    """Look for what stands between `before` and `behind` in `grammar`."""

    def run(
        before: str,
        behind: str,
        *,
        grammar: str = LOOP,
        must: bytes = b"",
        policy: StopPolicy | None = None,
        deadline: Deadline = NEVER,
        cancel: CancelToken | None = None,
        confirm=lambda text: True,
        owing: bool = False,
    ) -> str | None:
        matcher = Matcher.from_lark(vocabulary, grammar)
        assert matcher.feed(before)
        cancel = cancel or CancelToken()
        hole = Hole(
            matcher=matcher,
            closing=vocabulary.tokens(behind),
            confirm=confirm,
            constraint=lambda: AllOf(()),
            policy=policy or StopPolicy(block=False, rest_of_line=behind.strip()),
            must=must,
            healed=len(must),
        )
        fim, meter = engine.info.fim, Meter()
        prompt = [fim.prefix, *engine.tokenize(before.encode()), fim.suffix, fim.middle]
        said = Said(engine, vocabulary, hole)
        judging = Judging(said, meter)
        checkpoints = Checkpoints(said, judging, deadline, meter)
        choosing = Choosing(said, judging, checkpoints, meter)
        choosing._unheard_ends = int(owing)
        bridging = Bridging(said, judging, choosing, deadline, cancel)
        return bridging.search(lambda tokens: engine.prefill([*prompt, *tokens], cancel))

    return run


def test_what_is_found_leads_to_what_stands_behind(search, vocabulary) -> None:
    found = search("for", " tests:\n")
    assert found is not None
    whole = Matcher.from_lark(vocabulary, LOOP)
    assert whole.feed(f"for{found} tests:\n") and whole.closes([])


def test_a_half_written_word_is_finished_first(search) -> None:
    found = search("f", " tests:\n", grammar=LOOP, must=b"")
    assert found is not None and found.startswith("or ")


def test_where_nothing_follows_on_the_line_the_text_ends_where_the_model_would(search) -> None:
    found = search("x = ", "\n", grammar=SUM, policy=StopPolicy(block=False))
    assert found is not None
    assert all(part.isdigit() for part in found.split(" + "))


def test_what_the_parser_refuses_is_not_found(search) -> None:
    assert search("for", " tests:\n", confirm=lambda text: False) is None
    found = search("for", " tests:\n", confirm=lambda text: len(text) % 2 == 0)
    assert found is None or len(found) % 2 == 0


def test_signs_alone_are_no_statement(search) -> None:
    policy = StopPolicy(block=False, wants_words=True)
    empty = 'start: "x\\n" (/[()]{2}/ | /[a-z]{3}/) "\\n"\n'
    found = search("x\n", "\n", grammar=empty, policy=policy)
    assert found is not None and found.isalpha()


def test_the_search_ends_with_the_time(search) -> None:
    assert search("for", " tests:\n", deadline=Deadline(at=0.0, clock=lambda: 1.0)) is None


def test_a_cancelled_search_stops_at_once(search) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        search("for", " tests:\n", cancel=cancel)


def test_a_comment_begun_by_the_author_is_no_putting_off(search) -> None:
    """A comment may not put off what the place owes; the author's own is the place."""
    grammar = 'start: "x" "  #" /[a-z ]*/ "\\n"\n'
    found = search("x  ", "\n", grammar=grammar, must=b"#", owing=True)
    assert found is not None and found.strip().replace(" ", "").isalpha()
