"""Following: later constraints judge what comes later, and say where in the whole text it is."""

from __future__ import annotations

from tenon.constraints.constraint import AllOf, Verdict
from tenon.constraints.following import Followed


def test_a_text_is_judged_by_the_constraints_made_for_what_it_begins_with(names) -> None:
    first = AllOf((names("<|>").constraint,))
    later = AllOf((names("fresh = 1\n<|>").constraint,))
    followed = Followed(first.constraints, said="anything.goes()\n", later=later)
    assert followed.judge("anything.goes()\nfoo(bar)\n").verdict is Verdict.COMPLETE
    assert followed.judge("anything.else()\n").verdict is Verdict.DEAD


def test_a_refusal_is_placed_in_the_whole_text(names) -> None:
    later = AllOf((names("<|>").constraint,))
    followed = Followed((), said="a = 1\n", later=later)
    judgement = followed.judge("a = 1\nb = unknown\n")
    assert judgement.verdict is Verdict.DEAD
    assert judgement.evidence[0].at == len("a = 1\nb = ")
    assert followed.refusal("a = 1\nb = unknown\n") == judgement.evidence[0]
    assert followed.refusal("a = 1\nb = foo\n") is None


def test_every_text_is_heard_before_it_is_judged() -> None:
    heard: list[str] = []
    Followed((), heard=heard.append).judge("foo")
    assert heard == ["foo"]


def test_a_text_completes_where_it_is_judged_complete(names) -> None:
    later = AllOf((names("fresh = 1\n<|>").constraint,))
    followed = Followed((names("<|>").constraint,), said="a = 1\n", later=later)
    texts = ["", "foo", "fo", "foo(", "unknown\n", "a = 1\nfoo", "a = 1\nfo", "a = 1\nunknown\n"]
    for text in texts:
        assert followed.completes(text) is (followed.judge(text).verdict is Verdict.COMPLETE), text


def test_the_first_domain_that_does_not_complete_is_the_last_that_is_asked(names) -> None:
    heard: list[str] = []
    place = names("<|>").constraint

    class Heard:
        domain = place.domain

        def judge(self, text: str):
            heard.append(text)
            return place.judge(text)

    assert not AllOf((place, Heard())).completes("unknown\n")
    assert heard == []
    assert AllOf((place, Heard())).completes("foo\n")
    assert heard == ["foo\n"]
