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
            importable = pending.receiver is None and self._oracles.could_import(pending.name)
            if importable and pending.name not in state.coming:
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
        importable = member and last.receiver is None and self._oracles.importable(last.name)
        if importable and last.name not in state.coming:
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
            state.candidates = ()
            if state.pending:
                state.pending = tuple(
                    p._replace(target=False) if p.depth >= depth else p for p in state.pending
                )
                self._recheck(state)

    @staticmethod
    def _bind(state: Reading, name: str) -> None:
        state.bound |= {name}
        if state.leaning:
            state.leaning -= {name}
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
        state.known -= set(filter(self._may_be_unbound, state.candidates))
        # The value is read before anything is bound.
        state.coming = state.coming.union(names, state.candidates)
        if state.leaning and state.author_from is not None:
            state.leaning -= state.coming
        state.candidates = ()
        state.pending = tuple(p for p in state.pending if not p.target)

    def _may_be_unbound(self, name: str) -> bool:
        """Whether a name that the author's part holds may have no value until it gets one."""
        oracles = self._oracles
        late = oracles.bound_later(name) or oracles.bound_elsewhere(name)
        return late or not oracles.knows_name(name)

    @staticmethod
    def _arrive(state: Reading) -> None:
        if state.coming:
            state.bound |= state.coming
            state.coming = frozenset()

    @classmethod
    def _body_ends(cls, state: Reading, depth: int) -> None:
        """What ends a `lambda` or the value of a `:=` follows, at this depth: the parameters of
        the one are others' names again, what the other binds is bound."""
        if state.walruses:
            for name, at in state.walruses:
                if at >= depth:
                    cls._bind(state, name)
            state.walruses = tuple(each for each in state.walruses if each[1] < depth)
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

    def _class_asked(self, state: Reading) -> None:
        """What stands before is over. If it is a receiver's class, it is asked what that is; of a
        class that is called or has something asked of it nobody wants to know."""
        if state.previous == "__class__" and self._said and state.chain is not None:
            self._ask(state, state.chain.removesuffix(".__class__"))

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
