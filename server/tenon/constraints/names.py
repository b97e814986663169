"""Names: what is read must exist at this point of the text, or be introduced by it.

Owns the verdict of one domain. Knows neither scopes nor trees: what exists is a `NameSet`,
what the text reads is a `Reading`.
"""

from __future__ import annotations

import unicodedata

from tenon.constraints.constraint import (
    ANYTHING,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.reading import Reader, may_belong
from tenon.constraints.state import KEYWORDS, STRING_PREFIXES, Reading, may_introduce
from tenon.semantics.facts import NameSet, Words

_OPEN = Judgement(verdict=Verdict.OPEN)
_EXAMPLES = 5
_LETTER = "_"
"""Goes on any word, and begins one."""
_KEYWORDS_BEGUN = frozenset(
    word[:length] for word in KEYWORDS for length in range(1, len(word) + 1)
)


class Names:
    """The names domain at one cursor."""

    domain = Domain.NAMES

    def __init__(self, names: NameSet, reader: Reader, rest: str) -> None:
        self._names = names
        self._reader = reader
        self._rest = rest
        self._goes_on = may_belong(rest)

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        if evidence is not None:
            return refused(evidence)
        if not self._names.complete:
            return ANYTHING
        reading = self._reader.read(text)
        waiting = any(p.receiver is None for p in reading.pending)
        unsure = waiting or reading.partial or reading.leaning
        if unsure or self._goes_on or self._names.awaited:
            return ANYTHING if self._could_stand(text) else _OPEN
        return ANYTHING

    def refusal(self, text: str) -> Evidence | None:
        if not self._names.complete:
            return None
        reading = self._reader.read(text)
        wrong = reading.refused_name
        if wrong is not None:
            return self._against(wrong.name, wrong.at)
        part = reading.partial
        if part and reading.previous != "." and self._impossible(reading, part):
            return self._against(part, max(reading.end, 0))
        return None

    def sieve(self, text: str) -> Sieve | None:
        if not self._names.complete:
            return None
        reading = self._reader.read(text + _LETTER)
        part = reading.partial
        if not part:
            return None
        begun = part[: -len(_LETTER)]
        if reading.refused_name is not None:
            return lambda letters: (begun + letters).isidentifier()
        if reading.previous == "." or may_introduce(reading) or "NameError" in reading.expected:
            return None

        def refuses(letters: str) -> bool:
            word = begun + letters
            return word.isidentifier() and self._unknown(reading, word)

        return refuses

    def waits(self, text: str) -> bool:
        """Whether something in `text` waits for what follows: a name that may be none, or a
        bracket that it opened."""
        reading = self._reader.read(text)
        deeper = len(reading.brackets) > len(self._reader.start.brackets)
        return not reading.lost and bool(reading.pending or deeper)

    def ended(self, text: str) -> bool:
        """Whether `text` ends where a statement may begin."""
        reading = self._reader.read(text)
        within = reading.previous or reading.brackets or reading.quote or reading.levels
        return not (within or reading.tail or reading.lost)

    def describe(self) -> Evidence:
        names = self._names
        if not names.complete:
            return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=names.reason)
        return Evidence(
            domain=self.domain,
            verdict=Verdict.OPEN,
            reason=f"{len(names.words)} names exist here: {names.reason}",
        )

    def _impossible(self, reading: Reading, part: str) -> bool:
        """Whether no name, keyword or string prefix begins with `part` where one is read."""
        expected = "NameError" in reading.expected
        return not (expected or may_introduce(reading)) and self._unknown(reading, part)

    def _unknown(self, reading: Reading, part: str) -> bool:
        """Whether no name, keyword or string prefix begins with `part`."""
        if not part.isascii():
            part = unicodedata.normalize("NFKC", part)
        if part in _KEYWORDS_BEGUN or part.lower() in STRING_PREFIXES or self._begins(part):
            return False
        if any(name.startswith(part) for name in (*reading.bound, *reading.known)):
            return False
        if reading.runs_later and self._names.later.has_prefix(part):
            return False
        return reading.end >= 0 or self._begins(part[: -reading.end])

    def _begins(self, part: str) -> bool:
        names = self._names
        return (
            names.words.has_prefix(part)
            or names.importable.has_prefix(part)
            or names.imports.words.has_prefix(part)
        )

    def _could_stand(self, text: str) -> bool:
        """Whether the text may end here, given what the author wrote behind the cursor."""
        reading = self._reader.closed(text, self._rest)
        if reading.refused_name is not None:
            return False
        unbound = self._names.awaited - reading.bound - reading.coming
        return reading.lost or not (unbound or reading.leaning)

    def _against(self, name: str, at: int) -> Evidence:
        if name in self._names.importable:
            reason = f"'{name}' is not imported here, and nothing of it is asked for"
        else:
            reason = f"no name '{name}' exists here"
        return Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=reason,
            at=at,
            allowed=nearest(name, self._names.words),
        )


def nearest(name: str, known: Words) -> tuple[str, ...]:
    """Up to five of `known` that begin most like `name`. Cheap: asked at every refusal."""
    for length in range(len(name), 0, -1):
        alike = known.beginning(name[:length], limit=40)
        if alike:
            close = sorted(alike, key=lambda word: (abs(len(word) - len(name)), word))
            return tuple(close[:_EXAMPLES])
    return known.some(_EXAMPLES)
