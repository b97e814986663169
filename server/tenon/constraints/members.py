"""Members: what is asked of a receiver must be one of its members, where they are all known.

Owns the verdict of one domain. Knows no types: what a receiver has is a `MemberSet`, found by
the receiver's text; what the text asks for is a `Reading`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from tenon.constraints.constraint import (
    ANYTHING,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.names import nearest
from tenon.constraints.reading import Reader, may_belong
from tenon.constraints.state import Reading, changed, may_be_target
from tenon.semantics.facts import MemberSet, Words

Receivers = Callable[[str], MemberSet | None]
"""The members of a receiver, by its text; None where nothing is known of it."""
Provable = Callable[[str], Words | None]
"""What it may turn out to have besides, once it is asked what it is; None where anything may."""

Contradicted = Callable[[str], bool]
"""Whether the author's lines ask of what a text binds, if it ends so, what that has not."""

_OPEN = Judgement(verdict=Verdict.OPEN)
_LETTER = "_"
"""Goes on any word, and begins one."""


def lacks_member(members: Receivers, receiver: str, name: str) -> bool:
    """Whether `receiver` provably has no member `name`."""
    known = members(receiver)
    if known is None or not known.complete or name in known.words:
        return False
    return name in known.lacking or _judged(known, name, finished=True)


def begins_member(members: Receivers, receiver: str, part: str) -> bool:
    """Whether a member of `receiver` begins with `part`, or one might."""
    known = members(receiver)
    if not part.isascii():
        part = unicodedata.normalize("NFKC", part)
    if known is None or not known.complete or not _judged(known, part, finished=False):
        return True
    return known.words.has_prefix(part)


def may_prove(provable: Provable, receiver: str, part: str) -> bool:
    """Whether asking what `receiver` is could show that a member of it begins with `part`."""
    words = provable(receiver)
    return words is None or words.has_prefix(part)


def is_fixed(members: Receivers, receiver: str) -> bool:
    """Whether nothing can be set on `receiver` that it does not have."""
    known = members(receiver)
    return known is not None and known.complete and known.fixed


def _judged(known: MemberSet, name: str, *, finished: bool) -> bool:
    if known.fixed and known.private:
        # Nothing else gives it a name of any kind.
        return True
    if name.startswith("__") and (not finished or name.endswith("__")):
        # Python itself answers more dunder names than any source or stub lists.
        return finished and not name.strip("_")
    return known.private or not name.startswith("_")


class Members:
    """The members domain at one cursor."""

    domain = Domain.MEMBERS

    def __init__(
        self, members: Receivers, reader: Reader, rest: str, contradicted: Contradicted
    ) -> None:
        self._members = members
        self._reader = reader
        self._rest = rest
        self._contradicted = contradicted
        self._goes_on = may_belong(rest)

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        if evidence is not None:
            return refused(evidence)
        reading = self._reader.read(text)
        part, chain = reading.partial, reading.chain
        unsure = self._goes_on or any(
            pending.receiver is not None for pending in reading.pending
        )
        if part and chain is not None and reading.previous == ".":
            unsure = unsure or lacks_member(self._members, chain, part)
        if unsure and not self._could_stand(text):
            return _OPEN
        return _OPEN if self._contradicted(text) else ANYTHING

    def refusal(self, text: str) -> Evidence | None:
        reading = self._reader.read(text)
        wrong = reading.refused_member
        if wrong is not None:
            return self._against(wrong.receiver or "", wrong.name, wrong.at)
        part = reading.partial
        chain = self._asked(reading) if part else None
        if chain is not None and self._unknown(reading, chain, part):
            return self._against(chain, part, max(reading.end, 0))
        return None

    def sieve(self, text: str) -> Sieve | None:
        reading = self._reader.read(text + _LETTER)
        part = reading.partial
        begun = part[: -len(_LETTER)]
        if part and reading.refused_member is not None:
            return lambda letters: (begun + letters).isidentifier()
        chain = self._asked(reading) if part else None
        known = self._members(chain) if chain is not None else None
        if chain is None or known is None or not known.complete:
            return None
        receiver = chain

        def refuses(letters: str) -> bool:
            word = begun + letters
            return word.isidentifier() and self._unknown(reading, receiver, word)

        return refuses

    def _asked(self, reading: Reading) -> str | None:
        """The receiver that a member is asked of at the end of what was read; None where one may
        be set there, or the receiver bound anew."""
        chain = reading.chain
        if chain is None or reading.previous != "." or reading.mode in ("for", "as", "import"):
            return None
        if may_be_target(reading) and not is_fixed(self._members, chain):
            return None
        if "AttributeError" in reading.expected:
            return None
        return None if self._reader.may_be_bound_anew(reading, chain) else chain

    def _unknown(self, reading: Reading, chain: str, part: str) -> bool:
        """Whether no member of the receiver begins with `part`."""
        return (
            not begins_member(self._members, chain, part)
            and not changed(reading, chain, part)
            and not any(name.startswith(f"{chain}.{part}") for name in reading.bound)
            and not self._reader.may_be_proved(reading, chain, part)
            and (reading.end >= 0 or begins_member(self._members, chain, part[: -reading.end]))
        )

    def describe(self) -> Evidence:
        start = self._reader.start
        known = self._members(start.chain) if start.chain and start.previous == "." else None
        if known is not None and known.complete:
            return Evidence(
                domain=self.domain,
                verdict=Verdict.OPEN,
                reason=f"{known.owner} has {len(known.words)} members: {known.reason}",
                allowed=known.words.public[:5],
            )
        if known is not None:
            reason = f"the members of {known.owner} are not all known: {known.reason}"
        else:
            reason = "no receiver stands before the cursor; each is looked up as it is said"
        return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=reason)

    def _could_stand(self, text: str) -> bool:
        return self._reader.closed(text, self._rest).refused_member is None

    def _against(self, receiver: str, name: str, at: int) -> Evidence:
        known = self._members(receiver)
        assert known is not None
        return Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=f"{known.owner} has no member '{name}'",
            at=at,
            allowed=nearest(name, known.words),
        )
