"""The token loop with a real model and small grammars: what is offered always fits its hole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from tenon.constraints.constraint import (
    ANYTHING,
    AllOf,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.decoding.answer import Stop
from tenon.decoding.decoder import Decoding
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Matcher
from tenon.decoding.policy import StopPolicy
from tenon.decoding.relaxing import Relaxing
from tenon.text import Cancelled, CancelToken, Deadline

LIST = 'start: "x = [" NUMBER ("," NUMBER)* "]" "\\n"\nNUMBER: /[0-9]{1,3}/\n%ignore / +/\n'
WORDS = 'start: /[a-z ]*/ "\\n"\n'
NEVER = Deadline(at=math.inf)


@dataclass
class Refuses:
    """A constraint that calls every text with `needle` in it dead."""

    needle: str
    domain: Domain = Domain.NAMES
    seen: list[str] = field(default_factory=list)

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        return ANYTHING if evidence is None else refused(evidence)

    def refusal(self, text: str) -> Evidence | None:
        self.seen.append(text)
        at = text.find(self.needle)
        if at < 0:
            return None
        return Evidence(domain=self.domain, verdict=Verdict.DEAD, reason="no", at=at)

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        return Evidence(domain=self.domain, verdict=Verdict.OPEN, reason=f"no {self.needle}")


@pytest.fixture
def decode(engine, vocabulary):
    """Decode `grammar` between `before` and `behind`; returns the Decoding, run to its end."""

    def run(
        before: str,
        behind: str,
        *,
        grammar: str = LIST,
        constraints: tuple[Refuses, ...] = (),
        must: bytes = b"",
        healed: int = 0,
        max_tokens: int = 24,
        deadline: Deadline = NEVER,
        cancel: CancelToken | None = None,
        block: bool = False,
        confirm=lambda text: True,
        relaxing: Relaxing | None = None,
    ) -> Decoding:
        matcher = Matcher.from_lark(vocabulary, grammar)
        assert matcher.feed(before)
        fim = engine.info.fim
        prompt = [
            fim.prefix,
            *engine.tokenize(before.encode()),
            fim.suffix,
            *engine.tokenize(behind.encode()),
            fim.middle,
        ]
        cancel = cancel or CancelToken()
        hole = Hole(
            matcher=matcher,
            closing=vocabulary.tokens(behind),
            confirm=confirm,
            constraint=lambda: AllOf(constraints),
            policy=StopPolicy(block=block),
            must=must,
            healed=healed,
        )
        decoding = Decoding(
            engine,
            vocabulary,
            hole,
            max_tokens,
            deadline,
            cancel,
            relaxing=relaxing,
        )
        run.prompt, run.last = prompt, decoding
        for _ in decoding.run(prompt, engine.prefill(prompt, cancel)):
            pass
        return decoding

    return run


def answer(decoding: Decoding) -> str | None:
    checkpoint = decoding.best(lambda text: True)
    return checkpoint.text if checkpoint is not None else None


def fits(vocabulary, grammar: str, text: str) -> bool:
    matcher = Matcher.from_lark(vocabulary, grammar)
    return matcher.feed(text) and matcher.closes([])


@pytest.mark.parametrize("behind", ["]\n", "\n", ", 7]\n", "0, 7]\n"])
def test_an_answer_closes_with_what_stands_behind(decode, vocabulary, behind) -> None:
    decoding = decode("x = [1, 2", behind)
    for checkpoint in decoding.checkpoints:
        assert fits(vocabulary, LIST, "x = [1, 2" + checkpoint.text + behind)


def test_what_the_model_left_open_is_closed_for_it(decode, vocabulary) -> None:
    decoding = decode("x = [1, ", "\n", max_tokens=12)
    text = answer(decoding)
    assert text is not None
    assert fits(vocabulary, LIST, "x = [1, " + text + "\n")


def test_a_constraint_is_never_overruled(decode) -> None:
    refuses = Refuses("1")
    decoding = decode("x = [", "]\n", constraints=(refuses,))
    assert "1" not in decoding.text
    assert refuses.seen


def test_what_the_model_wanted_and_did_not_get_is_reported_with_its_reason(decode) -> None:
    free = decode("x = [", "]\n")
    wanted = free.text.strip()[:1]
    assert wanted
    held = decode("x = [", "]\n", constraints=(Refuses(wanted),))
    assert any(refusal.evidence.domain is Domain.NAMES for refusal in held.refused)


def test_the_parser_has_the_last_word_at_every_checkpoint(decode) -> None:
    decoding = decode("x = [1", "]\n", confirm=lambda text: len(text) % 2 == 0)
    text = answer(decoding)
    assert text is None or len(text) % 2 == 0


def test_a_healed_word_is_spelled_to_its_end_and_not_twice(decode) -> None:
    decoding = decode("", "\n", grammar=WORDS, must=b"retur", healed=5)
    assert bytes(decoding._said._bytes).startswith(b"retur")
    assert not decoding.text.startswith("retur")


def test_forced_text_begins_the_answer(decode) -> None:
    decoding = decode("", "\n", grammar=WORDS, must=b"return value", healed=3)
    for checkpoint in decoding.checkpoints:
        assert checkpoint.text.startswith("urn value")


def test_the_length_limit_ends_the_answer(decode) -> None:
    decoding = decode("", "\n", grammar=WORDS, max_tokens=3, constraints=())
    assert decoding.tokens <= 3


def test_a_passed_deadline_leaves_the_checkpoints_reached(decode) -> None:
    ticks = iter(range(1000))
    decoding = decode("x = [1", "]\n", deadline=Deadline(at=2.5, clock=lambda: next(ticks)))
    assert decoding.stop in {Stop.DEADLINE, Stop.MODEL}
    assert decoding.tokens <= 3


@dataclass
class TakesBack(Refuses):
    """Takes the request back while the so-manieth text is judged."""

    cancel: CancelToken = field(default_factory=CancelToken)
    at: int = 0

    def refusal(self, text: str) -> Evidence | None:
        evidence = super().refusal(text)
        if len(self.seen) == self.at:
            self.cancel.cancel()
        return evidence


def test_what_is_taken_back_anywhere_goes_on_to_the_same_answer(decode) -> None:
    """Also where the answer is about to go back."""
    grammar = 'start: "x = [" ("10]" | "11]" | "20") "\\n"\n'
    whole = decode("x = [", "\n", grammar=grammar, constraints=(Refuses("10"), Refuses("11")))
    assert whole.text == "20"
    for at in range(1, 12):
        cancel = CancelToken()
        constraints = (Refuses("10"), TakesBack("11", cancel=cancel, at=at))
        try:
            decoding = decode(
                "x = [", "\n", grammar=grammar, constraints=constraints, cancel=cancel
            )
        except Cancelled:
            decoding = decode.last
            for _ in decoding.go_on(decode.prompt, NEVER, CancelToken()):
                pass
        assert (decoding.text, answer(decoding)) == (whole.text, answer(whole))


def test_a_cancelled_decoding_stops_at_once(decode) -> None:
    token = CancelToken()

    def clock() -> float:
        token.cancel()
        return 0.0

    with pytest.raises(Cancelled):
        decode("x = [1", "]\n", cancel=token, deadline=Deadline(at=1.0, clock=clock))


def test_with_nothing_left_to_say_the_answer_is_the_last_checkpoint(decode) -> None:
    everything = tuple(Refuses(digit) for digit in "0123456789,] ")
    decoding = decode("x = [1", "]\n", constraints=everything)
    assert decoding.stop in {Stop.DEAD_END, Stop.MODEL}
    assert answer(decoding) is None, "nothing but the empty text could stand"


def test_a_dead_end_is_backed_out_of(decode) -> None:
    """Three digits, and then nothing: only by taking one back can the answer go on."""
    grammar = 'start: "x = [" (/1/ | /2/ ",") "]" "\\n"\n'
    decoding = decode("x = [", "\n", grammar=grammar, constraints=(Refuses("1]"),))
    assert answer(decoding) in {"2,]", None}
    assert "1]" not in decoding.text


def test_the_engine_and_the_matcher_agree_after_an_answer(decode, engine) -> None:
    first = decode("x = [1, 2", "]\n")
    second = decode("x = [1, 2", "]\n")
    assert first.text == second.text, "one request leaves nothing behind that changes the next"



def test_a_domain_gives_way_where_it_leaves_the_model_too_little(decode) -> None:
    wanted = decode("x = [", "]\n").text.strip()[:1]
    refuses = Refuses(wanted, Domain.TYPES)
    held = decode("x = [", "]\n", constraints=(refuses,))
    assert wanted not in held.text and not held.given_way
    certain = Relaxing(least_left={Domain.TYPES: 1.0})
    decoding = decode("x = [", "]\n", constraints=(refuses,), relaxing=certain)
    assert decoding.text.strip()[:1] == wanted
    assert [each.domain for each in decoding.given_way] == [Domain.TYPES]
    assert any(decoding.stands(each) for each in decoding.checkpoints if wanted in each.text)
