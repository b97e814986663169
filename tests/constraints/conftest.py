"""Facts made by hand: constraints are tested on what is known, not on how it was found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tenon.constraints.constraint import Constraint, Domain, Verdict
from tenon.constraints.derive import derive
from tenon.semantics.facts import Facts, MemberSet, NameSet, Words
from tenon.syntax.python import PythonSyntax
from tenon.text import Document

NAMES = ("foo", "bar", "self", "path", "print", "any", "line", "items", "int", "Base", "café")
MEMBERS = {
    "self": MemberSet(
        owner="Machine", words=Words(["path", "run", "stop"]), complete=True, private=True
    ),
    "path": MemberSet(
        owner="Path", words=Words(["exists", "name", "parent"]), complete=True, fixed=True
    ),
    "path.parent": MemberSet(
        owner="Path", words=Words(["exists", "name"]), complete=True, fixed=True
    ),
    "path.parent.joinpath()": MemberSet(owner="Path", words=Words(["name"]), complete=True),
    "line": MemberSet(owner="str", words=Words(["join", "upper"]), complete=True, fixed=True),
    "items[]": MemberSet(
        owner="str", words=Words(["join", "upper"]), complete=True, fixed=True
    ),
    "foo": MemberSet(owner="the receiver", reason="its type is not known"),
    "''": MemberSet(owner="str", words=Words(["join", "upper"]), complete=True),
}


class Place:
    """One domain at a cursor marked `<|>`."""

    def __init__(self, domain: Domain, source: str) -> None:
        before, cursor, after = source.partition("<|>")
        assert cursor and "<|>" not in after, "exactly one cursor"
        document = Document(uri="file:///place.py", version=1, text=before + after)
        context = PythonSyntax().context(document, len(before))
        facts = Facts(
            names=NameSet(
                words=Words(NAMES), importable=Words(["os", "json"]), complete=True, reason="given"
            ),
            members=MEMBERS,
            variables=frozenset({"foo", "bar", "line"}),
        )
        found = [each for each in derive(context, facts) if each.domain is domain]
        assert found, "the frame is not sound here"
        self.constraint: Constraint = found[0]

    def verdict(self, text: str) -> Verdict:
        judgement = self.constraint.judge(text)
        dead = judgement.verdict is Verdict.DEAD
        assert self.constraint.refusal(text) == (judgement.evidence[-1] if dead else None)
        if not dead:
            self._passes_every_sieve(text)
        return judgement.verdict

    def _passes_every_sieve(self, text: str) -> None:
        last = re.search(r"\w*\Z", text)
        assert last is not None  # it matches the empty text
        for start in range(last.start(), len(text)):
            sieve = self.constraint.sieve(text[:start])
            assert sieve is None or not sieve(text[start:])

    def accepts(self, text: str) -> bool:
        """Never refused on the way, and could stand at the end."""
        verdicts = [self.verdict(text[:end]) for end in range(len(text) + 1)]
        return Verdict.DEAD not in verdicts and verdicts[-1] is Verdict.COMPLETE

    def just_before_reject(self, text: str) -> bool:
        """Accepted up to the last character, which is refused, and refused for good."""
        verdicts = [self.verdict(text[:end]) for end in range(len(text) + 1)]
        assert self.verdict(text + "x = 1\n") is Verdict.DEAD or verdicts[-1] is not Verdict.DEAD
        return verdicts[-1] is Verdict.DEAD and Verdict.DEAD not in verdicts[:-1]


@pytest.fixture
def names() -> Callable[[str], Place]:
    return lambda source: Place(Domain.NAMES, source)


@pytest.fixture
def members() -> Callable[[str], Place]:
    return lambda source: Place(Domain.MEMBERS, source)
