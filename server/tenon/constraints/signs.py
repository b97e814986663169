"""Signs: what the brackets, operators and strings of a text do, and the ends of its statements.

Owns the other kind of tokens of a text that is being read.
"""

from __future__ import annotations

from tenon.constraints.state import (
    SOFT_KEYWORDS,
    Bracket,
    Reading,
    Refused,
    is_operand_end,
    may_be_target,
)
from tenon.constraints.waiting import Waiting

_NO_NAMES: frozenset[str] = frozenset()


class Signs(Waiting):
    """Takes a sign. `_advance` comes last in each: it makes the token `previous`."""

    def _operator(self, state: Reading, token: str) -> None:
        depth = len(state.brackets)
        if token not in ".(":
            self._class_asked(state)
        if token in "([{":
            self._open(state, token)
            return
        if token in ")]}":
            self._close(state)
            return
        if token == ".":
            if state.pending and state.pending[-1].fresh:
                self._used(state, member=True)
            if state.chain is None or not is_operand_end(state.previous):
                state.chain = None
            self._passed_through(state)
            self._taken_from(state)
            self._advance(state, token)
            return
        if token == "=" and self._equals(state, depth):
            pass
        elif token == ":=":
            last = state.pending[-1] if state.pending else None
            if last is not None and last.fresh and last.keyword:
                state.pending = state.pending[:-1]
                state.walruses = (*state.walruses, (last.name, depth))
            elif state.chain is not None and state.chain.isidentifier():
                state.walruses = (*state.walruses, (state.chain, depth))
        elif token == ":":
            self._colon(state, depth)
            state.chain = None
            return
        elif token == ",":
            self._comma(state, depth)
        elif token == ";" and not depth:
            self._statement_ends(state)
            return
        elif token == "*" and not is_operand_end(state.previous):
            pass
        elif token == "->":
            self._not_a_target(state)
            if state.mode == "defhead":
                # The parameters are over: what follows is read.
                state.modes = state.modes[:-1]
        elif token == "@" and state.previous == "" and not depth:
            state.header = "@"
            self._not_a_target(state)
        else:
            self._settle_fresh(state)
            self._operates(state, depth)
            self._not_a_target(state)
        state.chain = None
        self._advance(state, token)

    def _operates(self, state: Reading, depth: int) -> None:
        """An operator of the text makes something else of what the author began a statement with
        and nobody knows than what an assignment would bind."""
        new = state.candidates and self._said and not (depth or state.before or state.modes)
        if new and state.chain == state.candidates[-1]:
            name = state.candidates[-1]
            known = name in state.bound or name in SOFT_KEYWORDS
            if self._oracles.is_begun(name) and not known:
                refused = Refused(name, None, 0)
                state.refused_name = state.refused_name or refused

    def _equals(self, state: Reading, depth: int) -> bool:
        """`=`: an assignment binds what stands before it, an argument's keyword is no name."""
        if state.modes and state.modes[-1] == ("lambda", depth):
            return True
        if not depth:
            if state.targets:
                self._bind_targets(state)
            if state.mode == "annotation":
                state.modes = ()
            self._settle_fresh(state)
            return True
        last = state.pending[-1] if state.pending else None
        if last is not None and last.fresh and last.keyword and state.before in "(,":
            state.pending = state.pending[:-1]
        if state.previous == state.named and state.before in ("(", ","):
            # The author names an argument, which says nothing of a name.
            state.known -= {state.named}
        self._settle_fresh(state)
        if state.brackets[-1].element:
            state.brackets = (
                *state.brackets[:-1],
                state.brackets[-1]._replace(element=False, pure=False),
            )
            self._recheck(state)
        return True

    def _colon(self, state: Reading, depth: int) -> None:
        if state.modes and state.modes[-1] == ("lambda", depth):
            state.modes = state.modes[:-1]
            self._advance(state, ":")
            return
        self._body_ends(state, depth)
        if depth:
            self._settle_fresh(state)
            self._not_a_target(state)
            if state.brackets[-1].kind == "subscript":
                # A slice is no element.
                sliced = state.brackets[-1]._replace(chain=None)
                state.brackets = (*state.brackets[:-1], sliced)
            self._advance(state, ":")
            return
        if state.header:
            self._asked(state, depth)
            self._statement_ends(state)
            return
        self._bind_targets(state)
        state.targets = False
        state.modes = (("annotation", 0),)
        self._advance(state, ":")

    def _comma(self, state: Reading, depth: int) -> None:
        self._settle_fresh(state)
        self._asked(state, depth)
        if state.modes and state.modes[-1] == ("lambda", depth):
            return
        self._unguarded(state, depth)
        if depth and state.brackets[-1].first:
            state.brackets = (*state.brackets[:-1], state.brackets[-1]._replace(first=False))
        self._body_ends(state, depth)
        if state.modes and state.modes[-1] == ("as", depth) and state.header in ("with", ""):
            state.modes = state.modes[:-1]
        if depth and state.brackets[-1].element and not state.brackets[-1].clauses:
            state.brackets = (*state.brackets[:-1], state.brackets[-1]._replace(element=False))
            self._recheck(state)

    def _open(self, state: Reading, token: str) -> None:
        trailer = is_operand_end(state.previous)
        chain = state.chain if trailer else None
        if trailer:
            self._passed_through(state)
            self._taken_from(state)
        if state.pending and state.pending[-1].fresh:
            self._used(state)
        mode = state.mode
        if mode == "defhead" and len(state.brackets) == state.modes[-1][1]:
            kind = "parameters"
        elif mode == "classhead" and not state.brackets:
            kind = "typeparams" if token == "[" else "bases"
        elif trailer and token != "{":
            kind = "call" if token == "(" else "subscript"
        else:
            kind = "display"
        element = kind in ("call", "display")
        pure = kind == "display" and token in "([" and may_be_target(state)
        if kind == "display" and token == "{":
            self._not_a_target(state)
        state.brackets = (
            *state.brackets,
            Bracket(
                token,
                kind,
                element,
                False,
                pure,
                chain,
                state.origin,
                around=state.known | state.bound if state.known or state.bound else _NO_NAMES,
            ),
        )
        state.chain = None
        self._advance(state, token)

    def _close(self, state: Reading) -> None:
        self._settle_fresh(state)
        if not state.brackets:
            self._advance(state, ")")
            return
        bracket = state.brackets[-1]
        depth = len(state.brackets)
        self._asked(state, depth)
        self._body_ends(state, depth)
        state.brackets = state.brackets[:-1]
        if bracket.variables:
            gone = bracket.variables - bracket.around
            state.known -= gone
            state.bound -= gone
        state.modes = tuple(mode for mode in state.modes if mode[1] < depth)
        if state.pending:
            state.pending = tuple(
                p._replace(
                    depth=depth - 1,
                    levels=tuple(level for level in p.levels if level < depth - 1),
                    guards=tuple(level for level in p.guards if level < depth),
                    target=p.target and bracket.pure,
                )
                if p.depth >= depth
                else p
                for p in state.pending
            )
            self._recheck(state)
        if bracket.chain is not None:
            state.chain = bracket.chain + ("()" if bracket.opener == "(" else "[]")
            state.origin = bracket.origin
        elif bracket.kind == "display" and bracket.opener == "[":
            state.chain = "[]"
        else:
            state.chain = "{}" if state.previous == bracket.opener == "{" else None
        self._advance(state, ")")

    def _statement_ends(self, state: Reading) -> None:
        self._class_asked(state)
        self._settle_fresh(state)
        self._body_ends(state, 0)
        if state.pending:
            state.pending = tuple(p._replace(guards=()) for p in state.pending)
        state.targets = False
        state.brackets = ()
        self._recheck(state)
        state.targets = True
        state.modes = ()
        state.candidates = ()
        self._arrive(state)
        state.header = ""
        state.chain = None
        state.previous = state.before = ""

    def _field_opens(self, state: Reading) -> None:
        """An expression begins that is read as it is in brackets, and binds nothing itself."""
        state.brackets = (*state.brackets, Bracket("{", "field", False, False, False, None))
        state.chain = None
        self._advance(state, "{")

    def _string_closed(self, state: Reading, *, closed: bool) -> None:
        state.chain = "''" if state.literal and closed else None
        state.quote = ""
        self._advance(state, "''")

    def _operand(self, state: Reading) -> None:
        """A number or a string: nothing that stands with it at this level is a target."""
        self._settle_fresh(state)
        self._not_a_target(state)
