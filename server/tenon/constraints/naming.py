"""Naming: what the words of a text do: names that are read or bound, members, keywords.

Owns one kind of tokens of a text that is being read.
"""

from __future__ import annotations

import unicodedata

from tenon.constraints.state import (
    ERRORS,
    KEYWORDS,
    SOFT_KEYWORDS,
    VALUES,
    Pending,
    Reading,
    Refused,
    binds,
    changed,
    comprehension_levels,
    guard_levels,
    may_be_keyword,
    may_be_target,
    shadow_levels,
)
from tenon.constraints.waiting import Waiting


class Naming(Waiting):
    """Takes a word. `_advance` comes last in each: it makes the token `previous`."""

    def _name(self, state: Reading, token: str, at: int) -> None:
        if token in KEYWORDS and state.previous != ".":
            self._keyword(state, token, at)
            return
        if not token.isascii():
            token = unicodedata.normalize("NFKC", token)
        if state.previous == ".":
            self._attribute(state, token, at)
            return
        self._settle_fresh(state)
        if token in ERRORS and self._said and state.header not in ("except", "raise"):
            state.expected |= {token}
        depth = len(state.brackets)
        mode = state.mode
        if binds(state):
            if mode == "for":
                known = self._known(state, token, at)
                state.fresh_target = None if known else Refused(token, None, max(at, 0))
            elif mode == "case":
                new = token not in state.bound and self._oracles.knows_name(token)
                state.captured = token if new else ""
            if mode == "lambda" and at + len(token) < 0 and self._oracles.is_parameter(token):
                state.known |= {token}
                state.parameters = (*state.parameters, (token, depth))
            elif mode == "for" and not state.modes[-1][1] and self._bound_last(state, token, at):
                state.coming |= {token}
            elif mode in ("def", "class") or (
                mode == "defhead" and state.brackets[-1].opener == "("
            ):
                # What stands in a header is evaluated where it has bound nothing yet.
                state.coming |= {token}
            else:
                self._bind(state, token)
            if state.author_from is not None and at >= state.author_from:
                state.leaning -= {token}
            if mode == "for" and state.modes[-1][1]:
                self._add_variable(state, state.modes[-1][1] - 1, token)
            elif mode in ("def", "class"):
                state.modes = (*state.modes[:-1], (mode + "head", depth))
        elif not depth and state.previous in SOFT_KEYWORDS and not mode:
            # `match subject:`, `type Alias = …`; the word before was a keyword after all.
            state.header = state.previous
            self._not_a_target(state)
            if state.header == "type" or not self._known(state, token, at):
                self._bind(state, token)
        elif not depth and token == "case" and state.previous == "":
            state.modes = (("case", 0),)
            state.header = "case"
            self._not_a_target(state)
        elif at + len(token) < 0:
            state.named = "" if token in state.known else token
            state.known |= {token}
            if may_be_target(state) and self._may_be_unbound(token):
                state.candidates = (*state.candidates, token)
        elif self._known(state, token, at):
            if may_be_target(state):
                state.candidates = (*state.candidates, token)
            if state.author_from is None and self._only_behind(state, token):
                state.leaning |= {token}
        else:
            levels = comprehension_levels(state)
            waits = may_be_keyword(state) or self._oracles.importable(token)
            pending = Pending(token, None, at, depth, may_be_target(state), levels, waits)
            state.pending = (*state.pending, pending)
            self._recheck(state)
        state.chain = token
        state.origin = at
        self._advance(state, token)

    @staticmethod
    def _add_variable(state: Reading, level: int, name: str) -> None:
        """The comprehension in the bracket at `level` binds the name."""
        bracket = state.brackets[level]
        bracket = bracket._replace(variables=bracket.variables | {name})
        state.brackets = (*state.brackets[:level], bracket, *state.brackets[level + 1 :])

    def _known(self, state: Reading, token: str, at: int) -> bool:
        if state.author_from is not None and at > state.author_from:
            return not self._only_behind(state, token)
        if token in state.bound or token in state.known:
            return True
        if token in SOFT_KEYWORDS and not (state.previous or state.brackets):
            return True
        if self._oracles.knows_name(token):
            if at == state.author_word and self._only_behind(state, token):
                return False
            reached = state.followed or state.runs_later or not self._oracles.bound_elsewhere(token)
            return reached or at + len(token) <= 0
        if state.runs_later and self._oracles.bound_later(token):
            return True
        # An author who began a name that nobody knows knows something that we do not; at the
        # start of a statement, that it is new.
        begun = at < 0 and not self._oracles.begins_name(token[:-at])
        return begun and (at + len(token) <= 0 or bool(state.previous))

    def _bound_last(self, state: Reading, token: str, at: int) -> bool:
        """Whether a loop over what follows binds the name, and nothing does before."""
        if at + len(token) < 0:
            return self._may_be_unbound(token)
        return state.fresh_target is not None

    def _only_behind(self, state: Reading, token: str) -> bool:
        return self._oracles.only_behind(token) and token not in state.bound | state.known

    def _attribute(self, state: Reading, token: str, at: int) -> None:
        chain = state.chain
        if chain is not None:
            state.chain = f"{chain}.{token}"
            if at + len(token) >= 0 and state.mode not in ("for", "as", "import"):
                target = may_be_target(state) and not self._oracles.is_fixed(chain)
                if self._lacks(state, chain, token, at):
                    depth = len(state.brackets)
                    levels = shadow_levels(state, chain, self._oracles)
                    guards = guard_levels(state, chain, token, self._oracles)
                    pending = Pending(token, chain, at, depth, target, levels, False, guards)
                    state.pending = (*state.pending, pending)
                    self._recheck(state)
                elif target:
                    state.candidates = (*state.candidates, state.chain)
        self._advance(state, token)

    def _lacks(self, state: Reading, chain: str, token: str, at: int) -> bool:
        if state.author_from is not None and at > state.author_from and at != state.author_word:
            # Of what the text itself began the author asks nothing.
            made = state.origin < state.author_from
            if not made or len(state.brackets) != state.author_depth:
                return False
        if not self._oracles.lacks_member(chain, token) or changed(state, chain, token):
            return False
        return at >= 0 or self._oracles.begins_member(chain, token[:-at])

    def _keyword(self, state: Reading, token: str, at: int) -> None:
        self._class_asked(state)
        depth = len(state.brackets)
        starting = state.previous == "" and not depth
        self._settle_fresh(state)
        if token not in ("for", "async", "in") or not depth:
            self._not_a_target(state)
        if starting and token != "async":
            state.header = token
        if token == "for":
            self._body_ends(state, depth)
            if depth:
                # No target holds a comprehension, which may bind what stands before it.
                state.candidates = ()
                state.brackets = (
                    *state.brackets[:-1],
                    state.brackets[-1]._replace(clauses=True, pure=False),
                )
            state.modes = (*state.modes, ("for", depth))
        elif token == "in" and state.modes and state.modes[-1] == ("for", depth):
            state.modes = state.modes[:-1]
        elif token == "lambda":
            # Its body runs later, when the statement has bound what it binds.
            self._arrive(state)
            state.deferred = True
            state.modes = (*state.modes, ("lambda", depth))
        elif token == "else" and not (depth and state.brackets[-1].element):
            self._unguarded(state, depth)
        elif token == "as":
            state.modes = (*state.modes, ("as", depth))
        elif token in ("import", "from") and starting:
            state.modes = (("import", 0),)
            if not (state.trying or "ImportError" in state.expected):
                # Who tries to import knows that it may fail.
                state.imports = (*state.imports, at)
        elif token in ("def", "class"):
            state.modes = ((token, 0),)
            state.deferred = state.deferred or token == "def"
        elif token in ("global", "nonlocal"):
            state.modes = (("scope", 0),)
        elif token in ("try", "except", "finally") and starting:
            state.trying = token == "try"
        elif token == "del" and starting:
            state.modes = (("as", 0),)
        state.chain = token if token in VALUES else None
        state.origin = at
        if not (token == "async" and starting):
            self._advance(state, token)
