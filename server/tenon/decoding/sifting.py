"""Sifting: candidates for the next token that the domains are known to refuse at a glance.

Where a model's first choices are refused, hundreds may have to be, and nearly all of them fail as
those before them did: they are words that fail by the same test, or they begin with what can no
longer come right. Owns which candidates are put to a sieve, and which beginnings have been found
to lead nowhere. Decides nothing that a refusal of the whole text would not: one is asked for
before a sieve is believed, and what is refused stays so whatever follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tenon.constraints.constraint import Sieve
from tenon.decoding.judging import Judging
from tenon.decoding.said import Said

_WORD = re.compile(r"( ?)(\w+)")
_HALF = "\N{REPLACEMENT CHARACTER}"
"""What a character cut in two is read as."""
_BEGINNINGS = (1, 2)
"""Characters of a refused candidate that are asked about alone."""
_VAIN = 8
"""Beginnings found to be none, after which no more are looked for: refusals come late here."""


@dataclass(slots=True)
class Sifting:
    said: Said
    judging: Judging
    refused: list[int] = field(default_factory=list)
    """Tokens sifted out as the next one. The grammar was not asked about them."""
    _sieves: dict[str, Sieve | None] = field(default_factory=dict)
    """By what stands between the text and the letters."""
    _believed: set[str] = field(default_factory=set)
    _dead: dict[str, bool] = field(default_factory=dict)
    """Whether what begins so is refused, where that was asked."""
    _in_vain: int = 0

    def start_over(self) -> None:
        """Another token is to be chosen."""
        self.refused.clear()
        self._sieves.clear()
        self._believed.clear()
        self._dead.clear()
        self._in_vain = 0

    def learn(self, token: int) -> None:
        """The domains refuse `token` as the next one: find out by what beginning of it."""
        new = self._new(token)
        if _HALF in new:
            return
        for length in _BEGINNINGS:
            begun = new[:length]
            if begun == new:
                self._dead[begun] = True
            elif begun not in self._dead and self._in_vain < _VAIN:
                self._dead[begun] = self.judging.refusal(self.said.text + begun) is not None
            if self._dead.get(begun):
                return
        self._in_vain += 1

    def refuses(self, token: int) -> bool:
        """Whether the domains are known to refuse `token` as the next one."""
        new = self._new(token)
        # Hundreds are asked about for one token.
        dead = self._dead.get
        if dead(new[:1]) or dead(new[:2]) or self._sifted(new):
            self.refused.append(token)
            return True
        return False

    def _sifted(self, new: str) -> bool:
        found = _WORD.fullmatch(new)
        if found is None:
            return False
        lead, letters = found.groups()
        if lead not in self._sieves:
            self._sieves[lead] = self.judging.sieve_behind(lead)
        sieve = self._sieves[lead]
        if sieve is None or not sieve(letters):
            return False
        if lead not in self._believed:
            # The first goes the way of every candidate, and shows that the sieve is right.
            self._believed.add(lead)
            if self.judging.refusal(self.said.text + new) is None:
                self._sieves[lead] = None
            return False
        return True

    def _new(self, token: int) -> str:
        """What `token` would add to the text."""
        piece = self.said.engine.token_bytes(token)
        return piece[max(0, self.said.unhealed) :].decode("utf-8", errors="replace")
