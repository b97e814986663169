"""Sieves: what is refused of many words at a glance is what would be refused of each.

That a sieve never refuses what its domain lets pass is asked of every text in the cases of names
and members (`Place.verdict`), and here of the imports that tests find on disk.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tenon.constraints.constraint import Constraint, Domain
from tenon.constraints.derive import derive
from tenon.semantics import Analyser
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document

NAMES = [
    # (the buffer, what was said, words that are sifted out, words that are not)
    ("x = foo + <|>", "", ["zzz", "fooo", "e9"], ["f", "foo", "no", "None", "rb", "caf"]),
    ("x = 1 + <|>", "fo", ["x", "ob", "1"], ["o"]),
    ("x = 1 + fo<|>", "", ["x", "ob", "1"], ["o"]),
    ("x = <|>", "zzz + ", ["foo", "zzz"], []),
    ("print(<|>)", "[one + tw", [], ["o", "xx"]),
    ("<|>", "", [], ["zzz"]),
]
MEMBERS = [
    ("x = path.<|>", "", ["zzz", "existing"], ["ex", "name"]),
    ("x = path.<|>", "pare", ["x"], ["nt"]),
    ("x = <|>", "path.parent.", ["parent", "x"], ["n", "exists"]),
    ("x = <|>", "path.zzz + ", ["foo"], []),
    ("<|>", "self.", [], ["zzz"]),
    ("x = <|>", "foo.", [], ["zzz"]),
]


def sifted(constraint: Constraint, said: str, words: list[str]) -> list[str]:
    sieve = constraint.sieve(said)
    return [word for word in words if sieve is not None and sieve(word)]


@pytest.mark.parametrize(("source", "said", "out", "through"), NAMES)
def test_names_that_do_not_exist_are_sifted_out(names, source, said, out, through) -> None:
    assert sifted(names(source).constraint, said, [*out, *through]) == out


@pytest.mark.parametrize(("source", "said", "out", "through"), MEMBERS)
def test_members_that_do_not_exist_are_sifted_out(members, source, said, out, through) -> None:
    assert sifted(members(source).constraint, said, [*out, *through]) == out


def test_what_is_no_identifier_is_left_to_be_judged(names, members) -> None:
    assert sifted(names("x = <|>").constraint, "", ["1", "1e5", ""]) == []
    assert sifted(members("x = path.<|>").constraint, "", ["1", ""]) == []


IMPORTS = [
    ("", "from json import ", ["zzz", "loadx"], ["load", "lo", "__all__"]),
    ("", "from json import lo", ["x"], ["ad"]),
    ("", "from json import (load, ", ["zzz"], ["dump"]),
    ("", "import json.", ["zzz", "_x"], ["dec"]),
    ("", "from . ", [], ["im", "import"]),
    ("", "from js", [], ["on"]),
    ("", "x = zzz", [], ["z"]),
]


@pytest.mark.parametrize(("before", "said", "out", "through"), IMPORTS)
def test_what_a_module_does_not_offer_is_sifted_out(
    tmp_path: Path, before: str, said: str, out: list[str], through: list[str]
) -> None:
    document = Document(uri=(tmp_path / "a.py").as_uri(), version=1, text=before + "\n")
    context = PythonSyntax().context(document, len(before))
    facts = Analyser(tmp_path).analyse(document, context, Deadline.after(60))
    imports = next(each for each in derive(context, facts) if each.domain is Domain.IMPORTS)
    until = time.monotonic() + 5
    while out and imports.refusal(said + out[0]) is None and time.monotonic() < until:
        # A module is read for the first time in the milliseconds that one token has.
        time.sleep(0.01)
    assert sifted(imports, said, [*out, *through]) == out
    for word in (*out, *through):
        assert (imports.refusal(said + word) is not None) == (word in out)
