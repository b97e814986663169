"""Names: what is read exists or is introduced; what is introduced may be called anything."""

from __future__ import annotations

import random

import pytest
from tenon.constraints.constraint import Verdict

INTRODUCED = [
    # (the buffer, what is written at the cursor)
    ("<|>", "fresh = foo\nfresh + 1\n"),
    ("<|>", "fresh: int = 1\nfresh\n"),
    ("<|>", "fresh, other = items\nfresh + other\n"),
    ("<|>", "(fresh, [other, *rest]) = items\nrest\n"),
    ("<|>", "first = second = third = foo\nthird\n"),
    ("x = <|>", "fresh = foo\n"),
    ("<|>", "fresh, foo[bar + 1], self.run = items\nfresh\n"),
    ("<|>", "for fresh, (a, b) in items:\n    fresh + a + b\n"),
    ("<|>", "for self.path, fresh in items: fresh\n"),
    ("<|>", "with foo as fresh, bar() as (a, b):\n    fresh(a, b)\n"),
    ("<|>", "with (foo as fresh, bar as other):\n    fresh(other)\n"),
    ("<|>", "try:\n    foo\nexcept (int, Base) as error:\n    print(error)\n"),
    ("<|>", "import fresh.inner, second as other\nfresh.inner\nother\n"),
    ("<|>", "from fresh import (one,\n    two as three)\none\nthree\n"),
    (
        "<|>",
        "def fresh(a, /, b: int = foo, *rest, c=bar, **more) -> Base:\n    a(b, rest, c, more)\n",
    ),
    ("<|>", "async def fresh(a): return await a\n"),
    ("<|>", "class Fresh(Base, metaclass=foo, option=bar): x = 1\nFresh\n"),
    ("<|>", "def fresh[T, *Ts, **P](a: T): return T\n"),
    ("<|>", "class Fresh[T: int](Base): y: T\n"),
    ("<|>", "type Fresh = int\nFresh\n"),
    ("<|>", "lambda fresh, other=foo, *rest: fresh(other, rest)\n"),
    ("x = <|>", "[lambda a, b: a + b + c for c in items]\n"),
    ("if <|>", "fresh := foo:\n    fresh\n"),
    ("while <|>:\n    pass\n", "fresh := foo"),
    ("<|>", "print((fresh := foo), fresh)\n"),
    ("<|>", "print(fresh := foo, fresh)\n"),
    ("x = <|>", "[fresh for a in items if (fresh := a)]\n"),
    ("x = <|>", "[fresh := foo, *[fresh for a in items]]\n"),
    ("<|>", "[a.b(c)[d] for a, c, d in items if a]\n"),
    ("<|>", "{a: b for a, b in items}\n"),
    ("<|>", "any(fresh.name in items for fresh in items)\n"),
    ("<|>", "[[a + b for b in a.c] for a in items]\n"),
    ("<|>", "[b for a in items for b in a]\n"),
    ("<|>", "print(sep=foo, fresh=bar)\n"),
    ("print(foo, <|>)", "fresh=bar"),
    ("<|>", "global fresh\nfresh = 1\n"),
    ("<|>", "match foo:\n    case Base(x=a, y=[b, *c]) | {'k': d, **e} if a: a(b, c, d, e)\n"),
    ("<|>", "del foo.bar, items\n"),
    ("<|>", "match = 1\nmatch + 1\n"),
    ("<|>", "match foo: pass"),
    ("<|>", "foo, match = items\nmatch(foo)\n"),
    ("<|>", "print(foo); match (foo, bar):\n    case _: pass\n"),
    ("print(<|>)", "match=foo"),
    ("x = match + <|>", "match"),
    ("<|>", "del items[foo], fresh[0]\n"),
    ("<|>", "[fresh for fresh, foo[0] in items]\n"),
    ("<|>", "with foo as (fresh, [other, items[0]]): fresh + other\n"),
    ("<|>", "@foo\ndef fresh(): pass\n"),
    ("<|>", "fresh = yield\n"),
    ("<|>", "x = f'{{fresh}}' rb'unknown' \"unknown\"  # unknown\n"),
    ("<|>", "x = '''\nunknown\n''' + '\\'unknown'\n"),
    ("x = <|>", "café + foo\n"),
    ("x = <|>", "caf\N{LATIN SMALL LETTER E WITH ACUTE}\n"),
    ("<|>", "fresh = lambda n: n * fresh(n - 1)\n"),
    ("<|>", "fresh = foo\nfresh = fresh + 1\n"),
    ("x = <|>ms\n", "ite"),
    ("x = <|>foo\n", "not "),
    ("<|> = 3\n", "fresh"),
    ("for <|> in items: pass\n", "fresh"),
    ("x = [<|> for fresh in items]\n", "fresh"),
    ("<|>.append(1)\n", "items"),
    ("x = fo<|>\n", "o"),
    ("<|>", "for fresh in items:\n    fresh.x(fresh[0])\n"),
    ("<|>", "for foo.x, items[0] in items: pass\n"),
    ("<|>", "for fresh in foo(lambda: fresh): fresh\n"),
    ("<|>", "for fresh in [fresh for fresh in foo]: fresh\n"),
    ("x = [fresh.y for<|>", " fresh in items if fresh.x]\n"),
    ("x = unk<|>\n", "(1)"),
    ("fo<|> = 1\n", ", fresh"),
    ("def f(x, kno<|>\n", "=1):\n"),
    ("print(se<|>\n", "=1)\n"),
    ("return<|> foo\n", " bar, "),
    ("x = f<|>o\n", "o"),
    ("x = unk<|>\n", "nown"),
    ("x = <|>", "os.path\n"),
    ("x = foo <|>\n", "if bar else None"),
    ("x = <|>", "not foo is None and lambda: True\n"),
]


@pytest.mark.parametrize(("source", "text"), INTRODUCED)
def test_what_is_introduced_may_be_called_anything(names, source: str, text: str) -> None:
    assert names(source).accepts(text)


REFUSED = [
    ("x = <|>", "foo + q"),
    ("x = <|>", "unknown("),
    ("x = <|>", "unknown."),
    ("x = <|>", "unknown\n"),
    ("x = <|>", "first = unknown\n"),
    ("<|>", "unknown("),
    ("<|>", "unknown, foo\n"),
    ("<|>", "foo = 1 + q"),
    ("<|>", "unknown =="),
    ("return <|>", "q"),
    ("print(<|>", "unknown)"),
    ("print(<|>", "unknown,"),
    ("print(foo, *<|>", "q"),
    ("print(foo, sep=<|>", "q"),
    ("x = foo[<|>", "q"),
    ("<|>", "fresh = fresh\n"),
    ("<|>", "for fresh in fre"),
    ("return <|>", "m"),
    ("foo(<|>", "match)"),
    ("x = 1 + <|>", "cas"),
    ("del items[<|>]", "q"),
    ("for foo[<|>] in items: pass\n", "q"),
    ("<|>", "with foo as bar[q"),
    ("<|>", "for fresh, (a, b) in foo(a,"),
    ("<|>", "fresh = other = fresh("),
    ("x = <|>", "_\n"),
    ("x = 1 + <|>", "aܗ"),
    ("x = 1 + <|>", "cafэ"),
    ("x: <|>", "q"),
    ("<|>", "[a for a in items if q"),
    ("<|>", "[unknown for a in items]"),
    ("<|>", "{unknown: foo}"),
    ("<|>", "for a in q"),
    ("<|>", "with q"),
    ("<|>", "class Fresh(unknown)"),
    ("<|>", "def fresh(a: q"),
    ("<|>", "def fresh(a=q"),
    ("<|>", "@q"),
    ("<|>", "if unknown: "),
    ("<|>", "x = f'' + q"),
    ("<|>", "lambda a: q"),
    ("x = <|>", "os\n"),
    ("x = 1 + fo<|>\n", "z"),
    ("<|>", "x = foo if q"),
    ("<|>", "x: int = q"),
    ("<|>", "yield q"),
    ("<|>", "x = foo; unknown("),
]


@pytest.mark.parametrize(("source", "text"), REFUSED)
def test_a_name_that_is_read_must_exist(names, source: str, text: str) -> None:
    assert names(source).just_before_reject(text)


def test_the_evidence_names_the_name_its_place_and_what_is_near(names) -> None:
    evidence = names("x = 1 + <|>").constraint.judge("itms").evidence[0]
    assert evidence.at == 0
    assert "itms" in evidence.reason
    assert evidence.allowed[0] == "items"


def test_the_end_of_a_word_that_the_cursor_stands_in_is_no_word_of_the_author(names) -> None:
    assert names("x = fo<|>tems\n").verdict("o, i") is Verdict.COMPLETE
    assert names("x = fo<|>ems\n").verdict("o, ") is Verdict.OPEN
    assert names("x = fo<|> ems\n").verdict("o, ") is Verdict.COMPLETE


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = fo<|>\n", "("),
        ("print(fo<|>)\n", ", "),
        ("fo<|>\n", "(1)"),
        ("class A(Bas<|>\n", "):"),
    ],
)
def test_half_a_name_that_is_left_as_it_stands_is_refused(names, source: str, text: str) -> None:
    assert names(source).verdict(text) is Verdict.DEAD


def test_a_new_word_that_is_gone_on_with_and_then_read_is_refused(names) -> None:
    assert names("get_<|>\n").accepts("width: int = 1")
    assert not names("get_<|>\n").accepts("width[0]")
    assert names("get_<|>al[0]\n").verdict("for") is Verdict.OPEN


def test_what_a_loop_takes_a_part_of_is_read(names) -> None:
    assert names("for <|> in items: pass\n").just_before_reject("fresh[")
    assert names("for <|> in items: pass\n").just_before_reject("x, fresh.")


def test_a_name_that_is_not_finished_could_not_stand_yet(names) -> None:
    assert names("x = <|>\n").verdict("fo") is Verdict.OPEN
    assert names("x = <|>o\n").verdict("fo") is Verdict.COMPLETE
    assert names("<|>\n").verdict("fresh") is Verdict.OPEN
    assert names("<|> = 1\n").verdict("fresh") is Verdict.COMPLETE


@pytest.mark.parametrize(("source", "text"), INTRODUCED + REFUSED)
def test_any_split_of_a_text_gives_one_verdict(names, source: str, text: str) -> None:
    at_once = names(source).verdict(text)
    chance = random.Random(text)
    for _ in range(5):
        place = names(source)
        end = 0
        while end < len(text):
            end = min(len(text), end + chance.randint(1, 6))
            place.verdict(text[:end] + chance.choice(["", "zz", "(", "'", "\n"]))
            verdict = place.verdict(text[:end])
        assert verdict is at_once


@pytest.mark.parametrize("seed", range(40))
def test_no_text_whatever_raises_or_comes_back_to_life(names, members, seed: int) -> None:
    chance = random.Random(seed)
    pieces = (
        "foo unknown self . ( ) [ ] { } , = : := ' \" ''' \\ # for in lambda as if é 1e-".split()
    )
    pieces += ["\n", "\0", " "]
    text = "".join(chance.choice(pieces) for _ in range(80))
    for place in (names("x = <|>\n"), members("if foo: <|>\n")):
        dead = False
        for end in range(len(text) + 1):
            verdict = place.verdict(text[:end])
            assert not dead or verdict is Verdict.DEAD
            dead = verdict is Verdict.DEAD
