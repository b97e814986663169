"""Judging: what parser and constraints say of a text, and since when the constraints count.

Owns the rule for facts that arrive late: they hold what is said from then on, never what has
been said before. Knows no tokens and no grammar.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenon.constraints.constraint import AllOf, Domain, Evidence, Sieve
from tenon.decoding.answer import Checkpoint
from tenon.decoding.meter import Meter
from tenon.decoding.said import Said

_NOTHING_KNOWN = AllOf(())


@dataclass(slots=True)
class Judging:
    said: Said
    meter: Meter
    _offered: AllOf = field(default=_NOTHING_KNOWN)
    _held: AllOf = field(default=_NOTHING_KNOWN)
    _without: frozenset[Domain] = frozenset()
    _settled: frozenset[Domain] = frozenset()

    @property
    def listens(self) -> bool:
        """Whether the model is only listened to, and nothing refused."""
        return self.said.hole.confirm is None

    def refusal(self, text: str) -> Evidence | None:
        """What the constraints have against every answer that begins with `text`, from the cursor
        on; None for nothing."""
        return self._constraint().refusal(text)

    def refusal_with(self, piece: bytes) -> Evidence | None:
        """What they have against the answer so far with `piece` behind it."""
        if self.listens or len(piece) <= self.said.unhealed:
            return None
        return self.refusal(self.said.text_with(piece))

    def sieve_behind(self, lead: str) -> Sieve | None:
        """What tells at a glance which words they refuse behind the answer so far and `lead`."""
        return None if self.listens else self._constraint().sieve(self.said.text + lead)

    def without(self, domains: frozenset[Domain]) -> None:
        """These domains hold the answer no more."""
        self._without = domains
        self._held = self._but(self._held)

    def settle(self, domains: frozenset[Domain]) -> None:
        """An answer may lack what these domains still wait for, if they refuse no word of it."""
        self._settled = domains

    def could_stand(self, text: str) -> bool:
        """Whether parser and constraints take `text` as a whole answer."""
        confirm = self.said.hole.confirm
        if confirm is None:
            return True
        # A name or a member half written is open: more could follow, but it may not end there.
        constraint = self._constraint()
        if self._settled:
            if constraint.refusal(text + "\n") is not None:
                return False
            constraint = _without(constraint, self._settled)
        return constraint.completes(text) and confirm(text)

    def stands(self, checkpoint: Checkpoint) -> bool:
        """Whether parser and constraints agree that the checkpoint could stand as it is.

        Asked only where it matters, for it is dearer than the grammar; asked once.
        """
        if checkpoint.stands is None:
            with self.meter:
                checkpoint.stands = self.could_stand(checkpoint.text)
        return checkpoint.stands

    def _constraint(self) -> AllOf:
        latest = self.said.hole.constraint()
        if latest is not self._offered:
            self._offered = latest
            said = self.said.text
            latest = self._but(latest)
            if not said or latest.refusal(said) is None:
                self._held = latest
        return self._held

    def _but(self, constraint: AllOf) -> AllOf:
        return _without(constraint, self._without) if self._without else constraint


def _without(constraint: AllOf, domains: frozenset[Domain]) -> AllOf:
    return AllOf(tuple(each for each in constraint.constraints if each.domain not in domains))
