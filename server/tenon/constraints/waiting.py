"""Waiting: what was read and may yet turn out to be introduced, and what settles it.

Owns the two ends of everything unknown in a text that is being read: it becomes known, or it can
no longer be introduced and is refused. The first that is refused counts.
"""

from __future__ import annotations

from tenon.constraints.state import (
    Oracles,
    Reading,
    Refused,
    changed,
)
from tenon.semantics.index import asks


class Waiting:
    """What the parts of a reader share. Changes only the states that it is given."""

    def __init__(self, oracles: Oracles) -> None:
        self._oracles = oracles
        self._said = False
        """Whether what is read is the text's own; the author's part comes first."""

    @staticmethod
    def _advance(state: Reading, token: str) -> None:
        state.before = state.previous
        state.previous = token
        if token != state.named:
            state.named = ""

    def _settle_fresh(self, state: Reading) -> None:
        """Something other than `=` or `:=` follows the last name."""
        if state.pending and state.pending[-1].fresh:
            state.pending = (*state.pending[:-1], state.pending[-1]._replace(fresh=False))
            self._recheck(state)

    def _recheck(self, state: Reading) -> None:
        """Refuse what can no longer be introduced; the first one counts."""
        kept = []
        for pending in state.pending:
            if (
                pending.guards
                or (pending.fresh and pending.keyword)
                or (pending.target and state.targets)
                or any(
                    level < len(state.brackets) and state.brackets[level].element
                    for level in pending.levels
                )
            ):
                kept.append(pending)
                continue
            if ("NameError" if pending.receiver is None else "AttributeError") in state.expected:
                continue
            if pending.receiver is None and self._oracles.could_import(pending.name):
                state.imported |= {pending.name}
                continue
            refused = Refused(pending.name, pending.receiver, max(pending.at, 0))
            if pending.receiver is None:
                state.refused_name = state.refused_name or refused
            else:
                state.refused_member = state.refused_member or refused
        state.pending = tuple(kept)

    def _used(self, state: Reading, *, member: bool = False) -> None:
        """A trailer follows the name: it is read, though a comprehension may bind it yet."""
        last = state.pending[-1]
        rest = state.pending[:-1]
        if member and last.receiver is None and self._oracles.importable(last.name):
            state.pending = rest
            state.imported |= {last.name}
            return
        state.pending = (*rest, last._replace(target=False, fresh=False))
        self._recheck(state)

    @staticmethod
    def _passed_through(state: Reading) -> None:
        """A trailer follows: what stands before it is read, and is no target itself."""
        if state.candidates and state.candidates[-1] == state.chain:
            state.candidates = state.candidates[:-1]

    def _taken_from(self, state: Reading) -> None:
        """A trailer follows what seemed to be the variable of a loop: that one is read."""
        if state.mode == "case" and state.captured and state.captured == state.chain:
            state.bound -= {state.captured}
        name = state.fresh_target
        if name is not None and state.mode == "for" and name.name == state.chain:
            state.bound -= {name.name}
            state.refused_name = state.refused_name or name

    def _not_a_target(self, state: Reading) -> None:
        """A token that no assignment target holds: what stands at this level is read."""
        if not state.brackets:
            if state.targets and not state.modes:
                state.targets = False
                self._recheck(state)
        elif state.brackets[-1].pure:
            depth = len(state.brackets)
            state.brackets = (*state.brackets[:-1], state.brackets[-1]._replace(pure=False))
            if state.pending:
                state.pending = tuple(
                    p._replace(target=False) if p.depth >= depth else p for p in state.pending
                )
                self._recheck(state)

    @staticmethod
    def _bind(state: Reading, name: str) -> None:
        state.bound |= {name}
        if state.pending:
            state.pending = tuple(
                pending
                for pending in state.pending
                if (pending.receiver or pending.name).partition(".")[0] != name
            )

    def _bind_targets(self, state: Reading) -> None:
        names = [
            p.name if p.receiver is None else f"{p.receiver}.{p.name}"
            for p in state.pending
            if p.target
        ]
        if not self._said:
            oracles = self._oracles
            state.known -= {
                each
                for each in state.candidates
                if oracles.bound_later(each) or oracles.bound_elsewhere(each)
            }
        # The value is read before anything is bound.
        state.coming = state.coming.union(names, state.candidates)
        state.candidates = ()
        state.pending = tuple(p for p in state.pending if not p.target)

    @staticmethod
    def _arrive(state: Reading) -> None:
        if state.coming:
            state.bound |= state.coming
            state.coming = frozenset()

    @staticmethod
    def _body_ends(state: Reading, depth: int) -> None:
        """What ends a `lambda` follows, at this depth: its parameters are others' names again."""
        if state.parameters:
            ended = {name for name, at in state.parameters if at >= depth}
            state.parameters = tuple(each for each in state.parameters if each[0] not in ended)
            state.bound |= ended

    def _asked(self, state: Reading, depth: int) -> None:
        """An argument or a header ends. What the text itself asks about what it is or has may
        have anything from there on; of what the author asks, the analysis knows."""
        if not self._said or state.chain is None:
            return
        bracket = state.brackets[-1] if depth else None
        if bracket is None:
            asked = state.header == "match"
        else:
            name = (bracket.chain or "").rpartition(".")[2]
            asked = bracket.kind == "call" and bracket.first and asks(name)
        if asked:
            self._ask(state, state.chain)

    @staticmethod
    def _ask(state: Reading, chain: str) -> None:
        state.asked |= {chain}
        if state.pending:
            state.pending = tuple(
                p
                for p in state.pending
                if p.receiver is None or not changed(state, p.receiver, p.name)
            )

    def _unguarded(self, state: Reading, depth: int) -> None:
        """No `if` that follows at this depth decides on what stands there any more."""
        if any(depth in p.guards for p in state.pending):
            state.pending = tuple(
                p._replace(guards=tuple(level for level in p.guards if level != depth))
                for p in state.pending
            )
            self._recheck(state)
