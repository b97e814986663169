"""Formatted strings: what their fields read exists; their text, conversions and formats are none
of it. Where Pythons disagree what a field holds, nothing is judged any more."""

from __future__ import annotations

import itertools
import random

import pytest
from tenon.constraints.constraint import Verdict
from tenon.constraints.tokens import Level, Scan

NAMES_ACCEPTED = [
    # (the buffer, what is written at the cursor)
    ("x = <|>", "f'{foo}'\n"),
    ("x = <|>", "f'unknown {foo} unknown'\n"),
    ("x = <|>", "f'{{unknown}} {{{foo}}} }} {{'\n"),
    ("x = <|>", "f'{foo!r:>10} {foo:unknown} {foo!s}'\n"),
    ("x = <|>", "f'{foo=} {bar = } {foo = !r:^5}'\n"),
    ("x = <|>", "f'{foo:{bar}.{bar}} unknown'\n"),
    ("x = <|>", "f'{foo:=^10} unknown'\n"),
    ("x = <|>", "f'{foo != bar} {foo == bar} {foo >= bar}'\n"),
    ("x = <|>", "f'{(fresh := foo)} {fresh}' + fresh\n"),
    ("x = <|>", "f'{[fresh for fresh in items]}'\n"),
    ("x = <|>", "f'{(lambda fresh: fresh)(foo)}'\n"),
    ("x = <|>", "f'{ {fresh: 1 for fresh in items} }'\n"),
    ("x = <|>", "f'{foo[1:bar]} {print(sep=bar)}'\n"),
    ("x = <|>", "[f'{fresh}' for fresh in items]\n"),
    ("x = [f'{<|>}' for fresh in items]\n", "fresh"),
    ("x = f'{<|>} {unknown}'\n", "foo"),
    ("x = f'{unknown} {<|>}'\n", "unknown"),
    ("x = f'{<|>'\n", "foo}"),
    ("x = f'{unk<|>", "nown_to_us}'\n"),
    ("x = f'{{<|>", "unknown}}'\n"),
    ("x = f'{foo:<|>", "unknown}'\n"),
    ("x = f'{foo!<|>", "r}'\n"),
    ("x = <|>", "rf'{foo}\\d{{unknown}}' fR'unknown' F'\\'{foo}'\n"),
    ("x = <|>", "f'\\N{LATIN SMALL LETTER E} {foo} \\\\{foo} \\{foo}'\n"),
    ("x = <|>", "f'''\nunknown 'unknown' {\n    foo\n} unknown\n'''\n"),
    ("x = <|>", "'{unknown}' f'{foo}' b'{unknown}' u'{unknown}'\n"),
    ("x = <|>", 'f\'{items["unknown"]} {print("}{unknown")}\'\n'),
    ("x = <|>", "f'{f\"{foo} unknown\"} unknown'\n"),
    ("x = <|>", "t'{foo} unknown'\n"),
    # Read in one way by Python 3.12, in another before it.
    ("x = <|>", "f'{items['unknown']}'\n"),
    ("x = f'{items['<|>", "unknown']}' + unknown\n"),
    ("x = <|>", "f'''{foo + 'unknown'}'''\n"),
    ("x = <|>", "f'{foo  # unknown\n}'\n"),
    ("x = <|>", "f'{\nunknown}'\n"),
    ("x = <|>", "f'{foo:{{unknown}}}'\n"),
    ("x = <|>", "f'{(foo]}' + unknown\n"),
]


@pytest.mark.parametrize(("source", "text"), NAMES_ACCEPTED)
def test_what_a_field_may_read_or_does_not_read_is_accepted(names, source: str, text: str) -> None:
    assert names(source).accepts(text)


NAMES_REFUSED = [
    ("x = <|>", "f'{q"),
    ("x = <|>", "f'{fo}"),
    ("x = <|>", "f'{foo} {q"),
    ("x = <|>", "f'{foo:{q"),
    ("x = <|>", "f'{fo!"),
    ("x = <|>", "f'{fo:"),
    ("x = <|>", "f'{fo="),
    ("x = <|>", "f'{{{q"),
    ("x = <|>", "f'{foo:{bar}} {q"),
    ("x = <|>", "f'''\n{\nq"),
    ("x = <|>", "rf'\\{q"),
    ("x = <|>", "rf'\\N{q"),
    ("x = <|>", "f'\\\\{q"),
    ("x = <|>", "f\"{f'{q"),
    ("x = <|>", "f'{foo}' + q"),
    ("x = <|>", "f'{foo[q"),
    ("x = <|>", "'a' f'{q"),
    ("x = <|>", "t'{q"),
    ("x = f'{<|>}'\n", "q"),
    ("x = f'{foo:>{<|>}}'\n", "q"),
    ("x = f'{foo} <|>'\n", "{q"),
    ("x = f'<|>'\n", "{{}} {q"),
    ("x = f'''\n{foo} {<|>}\n'''\n", "q"),
]


@pytest.mark.parametrize(("source", "text"), NAMES_REFUSED)
def test_a_name_that_a_field_reads_must_exist(names, source: str, text: str) -> None:
    assert names(source).just_before_reject(text)


MEMBERS_ACCEPTED = [
    ("x = <|>", "f'{path.name} {path.parent.name!r:>{line.upper}}'\n"),
    ("x = <|>", "f'{foo.anything} path.unknown'\n"),
    ("x = <|>", "f'{[line.unknown for line in items]}'\n"),
    ("x = f'{self.<|>}'\n", "path"),
    ("x = f'{self.unknown} {self.<|>}'\n", "path"),
    ("x = [f'{line.<|>}' for line in items]\n", "unknown"),
    ("x = <|>", "f'{foo}'.anything\n"),
    ("x = <|>", "f'{\"\".join(items)}'\n"),
    ("x = f'path.<|>'\n", "unknown"),
    ("x = f'{foo:path.<|>}'\n", "unknown"),
]


@pytest.mark.parametrize(("source", "text"), MEMBERS_ACCEPTED)
def test_members_that_exist_are_accepted_in_fields(members, source: str, text: str) -> None:
    assert members(source).accepts(text)


MEMBERS_REFUSED = [
    ("x = f'{self.<|>}'\n", "q"),
    ("x = f'{self.pa<|>}'\n", "q"),
    ("x = <|>", "f'{self.q"),
    ("x = <|>", "f'{path.q"),
    ("x = <|>", "f'{self.pat}"),
    ("<|>", "f'{self.pat}"),
    ("x = <|>", "f'{foo:{line.q"),
    ("x = <|>", "f'{foo(line.upper(), path.q"),
    ("x = <|>", "f'{\"\".q"),
    ("print(<|>", "f'{self.run(path.q"),
    ("x = f'''\n{self.<|>}\n'''\n", "q"),
]


@pytest.mark.parametrize(("source", "text"), MEMBERS_REFUSED)
def test_a_member_that_a_field_reads_must_exist(members, source: str, text: str) -> None:
    assert members(source).just_before_reject(text)


def _tokens(text: str, cuts: list[int]) -> tuple[list[tuple[str, str]], bool]:
    """The tokens of `text`, given in pieces, and whether the scan is lost in it."""
    found: list[tuple[str, str]] = []
    levels: tuple[Level, ...] = ()
    tail, quote, comment = "", "", False
    for start, end in itertools.pairwise([0, *cuts, len(text)]):
        scan = Scan(tail + text[start:end], quote, comment=comment, levels=levels)
        found += [(kind, token) for kind, token, _, _ in scan]
        if scan.lost:
            return found, True
        tail, quote, comment = scan.text[scan.place :], scan.quote, scan.comment
        levels = scan.levels or ()
    return found, False


@pytest.mark.parametrize(
    "text",
    [text for _, text in NAMES_ACCEPTED + NAMES_REFUSED + MEMBERS_ACCEPTED + MEMBERS_REFUSED],
)
def test_a_text_has_the_same_tokens_however_it_is_cut(text: str) -> None:
    whole = _tokens(text, [])
    assert all(_tokens(text, [cut]) == whole for cut in range(len(text) + 1))
    assert _tokens(text, list(range(1, len(text)))) == whole


@pytest.mark.parametrize("seed", range(20))
def test_any_text_has_the_same_tokens_however_it_is_cut(seed: int) -> None:
    chance = random.Random(seed)
    pieces = "foo f' f\" rf''' f\"\"\" ' \" ''' { } {{ }} ( ) [ ] : := ! != = # \\ \\N{".split()
    pieces += ["\n", "\\\n", " ", "f'{", "}'", "f'''{", "}'''", 'f"{', '}"']
    for _ in range(100):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(2, 16)))
        whole = _tokens(text, [])
        for _ in range(4):
            cuts = sorted(chance.choices(range(len(text)), k=chance.randint(1, len(text))))
            assert _tokens(text, cuts) == whole, text


@pytest.mark.parametrize("seed", range(30))
def test_no_text_raises_or_comes_back_to_life(names, members, seed: int) -> None:
    chance = random.Random(seed)
    pieces = "foo q self.q path. f' f\" f''' ' { } : ! = ( ) [ ] \\ for in lambda , #".split()
    pieces += ["\n", " "]
    text = "f'{" + "".join(chance.choice(pieces) for _ in range(50))
    for place in (names("x = <|>\n"), members("x = f'{<|>}'\n")):
        dead = [place.verdict(text[:end]) is Verdict.DEAD for end in range(len(text) + 1)]
        assert dead == sorted(dead)


@pytest.mark.parametrize(("source", "text"), NAMES_ACCEPTED + NAMES_REFUSED)
def test_any_split_of_a_text_gives_one_verdict(names, source: str, text: str) -> None:
    at_once = names(source).verdict(text)
    chance = random.Random(text)
    for _ in range(4):
        place, end = names(source), 0
        while end < len(text):
            end = min(len(text), end + chance.randint(1, 5))
            place.verdict(text[:end] + chance.choice(["", "zz", "{", "}", "'", "\n"]))
            verdict = place.verdict(text[:end])
        assert verdict is at_once
