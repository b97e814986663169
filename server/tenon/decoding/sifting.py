"""Sifting: words among the candidates for the next token that the domains refuse at a glance.

Where a model's first choices are refused, hundreds may have to be, nearly all of them words that
fail by the same test. Owns which candidates are put to a sieve. Decides nothing that a refusal of
the whole text would not: one is asked for before a sieve is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tenon.constraints.constraint import Sieve
from tenon.decoding.judging import Judging
from tenon.decoding.said import Said

_WORD = re.compile(r"( ?)(\w+)")


@dataclass(slots=True)
class Sifting:
    said: Said
    judging: Judging
    refused: list[int] = field(default_factory=list)
    """Tokens sifted out as the next one. The grammar was not asked about them."""
    _sieves: dict[str, Sieve | None] = field(default_factory=dict)
    """By what stands between the text and the letters."""
    _believed: set[str] = field(default_factory=set)

    def start_over(self) -> None:
        """Another token is to be chosen."""
        self.refused.clear()
        self._sieves.clear()
        self._believed.clear()

    def refuses(self, token: int) -> bool:
        """Whether the domains are known to refuse `token` as the next one."""
        piece = self.said.engine.token_bytes(token)
        new = piece[max(0, self.said.unhealed) :]
        found = _WORD.fullmatch(new.decode("utf-8", errors="replace"))
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
            if self.judging.refusal_with(piece) is None:
                self._sieves[lead] = None
            return False
        self.refused.append(token)
        return True
