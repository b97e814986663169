"""Reading a completion as it grows: what names it reads and binds, what members it asks for.

Owns the small state machine over Python's tokens that names and members stand on. It knows no
types and no scopes: two oracles say which names and members exist, and the machine decides
whether an unknown one is really *read*, or may still turn out to be introduced (an assignment
target, a comprehension's variable before its `for`, a keyword argument, a walrus …).

Everything here errs towards "may still be introduced". States are values: reading on never
changes the state it started from, so texts that share a beginning share the work.
"""

from __future__ import annotations

import re
import unicodedata

from tenon.constraints.growing import Growing
from tenon.constraints.state import (
    ERRORS,
    KEYWORDS,
    SOFT_KEYWORDS,
    VALUES,
    Bracket,
    Oracles,
    Pending,
    Reading,
    Refused,
    binds,
    changed,
    comprehension_levels,
    guard_levels,
    is_operand_end,
    may_be_keyword,
    may_be_target,
    shadow_levels,
)
from tenon.constraints.tokens import Scan
from tenon.semantics.index import asks

_FIRST_WORD = re.compile(r"[ \t]*(?:\.[ \t]*)?(?=[^\W\d])")


def first_word(rest: str) -> int | None:
    """Where the first word of `rest` begins, if nothing but a dot stands before it."""
    match = _FIRST_WORD.match(rest)
    return match.end() if match is not None else None


class Reader:
    """Reads completions at one cursor. `before` is the author's part of the statement.

    What the author wrote is never refused: every identifier in `before` counts as known, save
    for a word right at the cursor, which may be half of one.
    """

    def __init__(self, before: str, oracles: Oracles) -> None:
        self._oracles = oracles
        self._said = False
        self._start = self._extend(Reading(end=-len(before)), before)
        self._said = True
        self._read = Growing(self._start)

    @property
    def start(self) -> Reading:
        return self._start

    def read(self, text: str) -> Reading:
        """The reading of the whole completion `text`; cheap where it extends an earlier one."""
        return self._read.read(
            text, lambda reading, text, known: self._extend(reading, text[known:])
        )

    def may_be_bound_anew(self, reading: Reading, chain: str) -> tuple[int, ...]:
        """The brackets of `reading`, counted from the outermost, in which a `for` may still come
        that gives the receiver another meaning."""
        return shadow_levels(reading, chain, self._oracles)

    def may_be_proved(self, reading: Reading, chain: str, member: str) -> bool:
        """Whether an `if` may follow that shows the receiver to have a member that begins so."""
        return bool(guard_levels(reading, chain, member, self._oracles))

    def closed(self, text: str, rest: str) -> Reading:
        """The reading of `text` and then the statement's own rest, which is the author's.

        Names in `rest` are known, save for its first word: what that one is depends on the text.
        What `rest` shows about pending ones counts.
        """
        reading = self.read(text)
        state = reading.copy()
        state.author_from = len(text)
        state.author_word = len(text) + (first_word(rest) or 0)
        state.author_depth = len(state.brackets)
        for line in rest.splitlines(keepends=True) or [""]:
            state = self._extend(state, line)
            if not (state.brackets or state.quote or state.levels or state.tail):
                break
        else:
            state = self._extend(state, "\n")
        return state

    def _extend(self, reading: Reading, more: str) -> Reading:
        if reading.lost:
            return reading
        state = reading.copy()
        text = state.tail + more
        origin = state.end
        scan = Scan(text, state.quote, comment=state.comment, levels=state.levels)
        for kind, token, start, _ in scan:
            state.quote = scan.quote
            if kind == "name":
                self._name(state, token, origin + start)
            elif kind == "op":
                self._operator(state, token)
            elif kind == "newline":
                if not state.brackets:
                    self._statement_ends(state)
                    state.followed = self._said
            elif kind == "string":
                state.literal = not token.rstrip("'\"").lower().strip("ru")
                state.origin = origin + start
                self._operand(state)
            elif kind == "number":
                self._operand(state)
                state.chain = None
                self._advance(state, "0")
            elif kind == "field":
                self._field_opens(state)
            elif kind == "filled":
                self._close(state)
                state.literal = False
            else:
                self._string_closed(state, closed=kind == "closed")
        if scan.lost:
            state.lost = True
            state.pending = ()
            state.chain = None
            state.tail = state.previous = ""
            return state
        state.quote, state.comment = scan.quote, scan.comment
        state.levels = scan.levels or ()
        state.end = origin + scan.place
        state.tail = text[scan.place :]
        return state

    # What each token does. `_advance` is always last: it makes the token `previous`.

    @staticmethod
    def _advance(state: Reading, token: str) -> None:
        state.before = state.previous
        state.previous = token

    def _string_closed(self, state: Reading, *, closed: bool) -> None:
        state.chain = "''" if state.literal and closed else None
        state.quote = ""
        self._advance(state, "''")

    def _field_opens(self, state: Reading) -> None:
        """An expression begins that is read as it is in brackets, and binds nothing itself."""
        state.brackets = (*state.brackets, Bracket("{", "field", False, False, False, None))
        state.chain = None
        self._advance(state, "{")

    def _operand(self, state: Reading) -> None:
        """A number or a string: nothing that stands with it at this level is a target."""
        self._settle_fresh(state)
        self._not_a_target(state)

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
            else:
                self._bind(state, token)
            if mode in ("def", "class"):
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
            state.known |= {token}
            unbound = self._oracles.bound_later(token) or self._oracles.bound_elsewhere(token)
            if may_be_target(state) and unbound:
                state.candidates = (*state.candidates, token)
        elif self._known(state, token, at):
            if may_be_target(state):
                state.candidates = (*state.candidates, token)
        else:
            levels = comprehension_levels(state)
            waits = may_be_keyword(state) or self._oracles.importable(token)
            pending = Pending(token, None, at, depth, may_be_target(state), levels, waits)
            state.pending = (*state.pending, pending)
            self._recheck(state)
        state.chain = token
        state.origin = at
        self._advance(state, token)

    def _known(self, state: Reading, token: str, at: int) -> bool:
        if state.author_from is not None and at > state.author_from:
            return not self._only_behind(state, token)
        if token in state.bound or token in state.known:
            return True
        if token in SOFT_KEYWORDS and not (state.previous or state.brackets):
            return True
        if self._oracles.knows_name(token):
            if at == state.author_word:
                return not self._only_behind(state, token)
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
            return self._oracles.bound_later(token)
        return state.fresh_target is not None

    def _only_behind(self, state: Reading, token: str) -> bool:
        return self._oracles.only_behind(token) and token not in state.bound | state.known

    @staticmethod
    def _bind(state: Reading, name: str) -> None:
        state.bound |= {name}
        if state.pending:
            state.pending = tuple(
                pending
                for pending in state.pending
                if (pending.receiver or pending.name).partition(".")[0] != name
            )

    def _attribute(self, state: Reading, token: str, at: int) -> None:
        chain = state.chain
        if chain is not None:
            if token == "__class__" and self._said:
                self._ask(state, chain)
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

    def _operator(self, state: Reading, token: str) -> None:
        depth = len(state.brackets)
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
                self._bind(state, last.name)
            elif state.chain is not None and state.chain.isidentifier():
                self._bind(state, state.chain)
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
            self._not_a_target(state)
        state.chain = None
        self._advance(state, token)

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

    @staticmethod
    def _body_ends(state: Reading, depth: int) -> None:
        """What ends a `lambda` follows, at this depth: its parameters are others' names again."""
        if state.parameters:
            ended = {name for name, at in state.parameters if at >= depth}
            state.parameters = tuple(each for each in state.parameters if each[0] not in ended)
            state.bound |= ended

    @staticmethod
    def _arrive(state: Reading) -> None:
        if state.coming:
            state.bound |= state.coming
            state.coming = frozenset()

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
            Bracket(token, kind, element, False, pure, chain, state.origin),
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
        else:
            state.chain = None
        self._advance(state, ")")

    def _statement_ends(self, state: Reading) -> None:
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
