"""Members: what is asked of a receiver is one of its members; what is set on it may be new."""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Verdict

ACCEPTED = [
    ("x = path.<|>", "exists()\n"),
    ("x = path.<|>", "parent.name\n"),
    ("x = path.pa<|>", "rent.exists()\n"),
    ("x = path.parent.joinpath(foo).<|>", "name\n"),
    ("<|>", "path.name = 1\n"),
    ("<|>", "self.fresh = 1\nself.fresh + 1\n"),
    ("<|>", "self.fresh, path.name = items\nself.fresh\n"),
    ("<|>", "self.fresh: int = 1\n"),
    ("<|>", "for self.fresh in items: pass\n"),
    ("<|>", "with foo as self.fresh: pass\n"),
    ("<|>", "del self.fresh\n"),
    ("<|>", "path = foo\npath.unknown\n"),
    ("<|>", "for path in items: path.unknown\n"),
    ("<|>", "[path.exists for path in items]\n"),
    ("<|>", "lambda path: path.unknown\n"),
    ("<|>", "self.path = foo\nself.path.unknown\n"),
    ("x = foo.<|>", "anything.at.all\n"),
    ("x = path.<|>", "__class__\n"),
    ("x = path.<|>", "_private\n"),
    ("x = path.unknown<|>", "_but_the_author_wrote_it\n"),
    ("<|>", "self.fresh = lambda: self.fresh\n"),
    ("x = <|>", "''.join(foo)\n"),
    ("x = <|>", "f''.unknown\n"),
    ("x = <|>", "{1: 2}.unknown + [].unknown + 0 .unknown\n"),
    ("<|>", "if path.__class__ is foo:\n    path.unknown\n"),
    ("<|>", "if any(path.__class__):\n    path.unknown\n"),
    ("<|>", "foo = path.__class__\npath.unknown\n"),
    ("x = <|>", "path[0].unknown\n"),
    ("x = <|>", "items[0].upper()\n"),
    ("x = <|>", "items[1:].unknown()\n"),
    ("x = <|>", "items[foo[1:]].upper()\n"),
    ("x = path.<|>ists()\n", "ex"),
    ("x = <|>", "self.fresh = 3\n"),
    ("self.<|> = 3\n", "fresh"),
    ("x = '<|>'\n", "path.unknown"),
    ("x = <|>", "[line.unknown for line in items]\n"),
    ("x = <|>", "any(foo(line.unknown).bar for line in items if line.other)\n"),
    ("x = <|>", "{line.unknown: line.other for foo, line in items}\n"),
    ("x = any(line.<|> for line in items)\n", "unknown"),
    ("x = any(line.<|>", "unknown.other() for line in items)\n"),
    ("x = [foo, <|>", "*(line.unknown for line in items)]\n"),
]


@pytest.mark.parametrize(("source", "text"), ACCEPTED)
def test_what_exists_or_is_set_is_accepted(members, source: str, text: str) -> None:
    assert members(source).accepts(text)


REFUSED = [
    ("x = path.<|>", "q"),
    ("x = path.<|>", "exq"),
    ("x = path.<|>", "existsx"),
    ("x = path.parent.<|>", "j"),
    ("x = path.<|>", "parent.j"),
    ("<|>", "path.q"),
    ("<|>", "self.unknown("),
    ("<|>", "self.unknown."),
    ("<|>", "self.unknown\n"),
    ("<|>", "self.fresh +="),
    ("x = self.<|>", "fresh("),
    ("x = 1 + <|>", "self._"),
    ("x = <|>", "''.q"),
    ("<|>", "path.__class__.name\npath.q"),
    ("<|>", "path.__class__(foo)\npath.q"),
    ("print(<|>", "self.q"),
    ("return <|>", "self.run(path.q"),
    ("x = path.ex<|>\n", "q"),
    ("<|>", "self.fresh = 1 + self.o"),
    ("x = <|>", "line.q"),
    ("x = <|>", "items[0].q"),
    ("x = <|>", "items[foo[1:]].q"),
    ("<|>", "path = path.q"),
    ("<|>", "self.fresh = self.fresh\n"),
    ("x = <|>", "line.upperэ"),
    ("x = <|>", "self.__unknown\n"),
    ("x = <|>", "self.__\n"),
    ("x = <|>", "print(line.unknown)"),
    ("x = <|>", "print(line.unknown,"),
    ("x = <|>", "foo[line.q"),
    ("x = <|>", "[foo for foo in line.q"),
    ("x = <|>", "[line.unknown for foo in items]"),
]


@pytest.mark.parametrize(("source", "text"), REFUSED)
def test_a_member_that_is_read_must_exist(members, source: str, text: str) -> None:
    assert members(source).just_before_reject(text)


def test_a_member_that_is_not_finished_could_not_stand_yet(members) -> None:
    assert members("x = path.<|>\n").verdict("exi") is Verdict.OPEN
    assert members("x = path.<|>sts()\n").verdict("exi") is Verdict.COMPLETE


def test_the_evidence_says_who_lacks_what(members) -> None:
    evidence = members("x = 1 + path.<|>").constraint.judge("exsts").evidence[0]
    assert evidence.reason == "Path has no member 'exsts'"
    assert evidence.allowed == ("exists",)


def test_it_says_what_it_knows_before_a_word_is_said(members) -> None:
    assert members("x = path.<|>").constraint.describe().verdict is Verdict.OPEN
    known = members("x = foo.<|>").constraint.describe()
    assert known.verdict is Verdict.COMPLETE
    assert "its type is not known" in known.reason
