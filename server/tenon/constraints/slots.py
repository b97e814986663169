"""Slots: on which places of expressions a growing text stands, and which expressions it ended.

Owns the lexical reading of calls, subscripts, displays and statements: what bracket belongs to
what, where its elements begin and end, and what a statement has said before its expression.
Knows no names, no types and no signatures. What is not understood makes a slot `opaque`, or the
whole reading `lost`; then nothing may be concluded from it.
"""

from __future__ import annotations

from collections.abc import Collection

from tenon.constraints.elements import Element, Ended, Slot, Slots
from tenon.constraints.escapes import unknown_escape
from tenon.constraints.growing import Growing
from tenon.constraints.state import KEYWORDS, is_operand_end
from tenon.constraints.tokens import Scan, goes_on

_HEADERS = frozenset("if elif else while for with try except finally def class match case".split())
_STATEMENTS = frozenset(
    "return raise assert del pass break continue import global nonlocal if while for with try def "
    "class".split()
)
"""Words that begin a statement, and stand in no expression that begins one."""
_OPERATORS = frozenset({"and", "or", "not", "is", "in", "if", "else", "await", "async", "lambda"})
_VALUES = frozenset({"None", "True", "False"})
_SOFT = frozenset({"match", "case", "type"})
"""Words that begin a statement where an operand follows them."""
_ASSIGNING = frozenset(
    {"=", "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", "<<=", ">>=", "**="}
)


class SlotReader:
    """Reads completions at one cursor. `before` is the author's part of the statement."""

    def __init__(self, before: str) -> None:
        self._before = before
        self._origin = len(before)
        place = -len(before)
        start = Slots(end=place, tail="", stack=(_statement(place),))
        self.start = self._extend(start, "", 0)
        self._read = Growing(self.start)

    def read(self, text: str) -> Slots:
        """The reading of the whole completion `text`; cheap where it extends an earlier one."""
        return self._read.read(text, self._extend)

    def closed(self, text: str, rest: str, watched: Collection[int] | None = None) -> Slots:
        """The reading of `text` and then the statement's own rest, which is the author's.

        What ends at `len(text)` or behind is ended by the author. Where `watched` is given, it is
        read only as far as one of the brackets that stand at these places is open.
        """
        state = self.read(text)
        whole = text
        for line in rest.splitlines(keepends=True) or [""]:
            state = self._extend(state, whole + line, len(whole))
            whole += line
            if watched is not None and not any(slot.at in watched for slot in state.stack[1:]):
                return state
            if len(state.stack) == 1 and not state.quote and not state.tail and "\n" in line:
                return state
        return self._extend(state, whole + "\n", len(whole))

    def source(self, start: int, end: int, text: str) -> str:
        """What stands from `start` to `end` of the author's part and `text`, without spaces
        around it."""
        return (self._before + text)[self._origin + start : self._origin + end].strip()

    def _extend(self, reading: Slots, text: str, known: int) -> Slots:
        """`reading`, read on to the end of `text`."""
        if reading.lost:
            return reading
        state = reading.copy()
        if not state.quote and goes_on(state.tail, text[known:]):
            state.tail += text[known:]
            return state
        whole = self._before + text
        place = state.end
        scan = Scan(whole[self._origin + place :], state.quote, comment=state.comment)
        for kind, token, start, end in scan:
            if state.lost:
                break
            at = place + start
            if kind == "name":
                if token in KEYWORDS and state.previous != ".":
                    self._keyword(state, token, at, whole)
                else:
                    self._operand(state, token, at, whole)
            elif kind == "op":
                self._operator(state, token, at, whole)
            elif kind == "newline":
                if len(state.stack) == 1 and state.previous:
                    self._statement_ends(state, "newline", at, whole)
            elif kind == "string":
                state.string = at
                self._operand(state, "''", at, whole)
            elif kind == "number":
                self._operand(state, "0", at, whole)
            elif kind == "closed":
                self._string_closed(state, place + end, whole)
            else:
                state.lost = True
        if state.lost:
            # As it stands it stays, whatever is added.
            state.tail = ""
            return state
        state.quote, state.comment = scan.quote, scan.comment
        state.end = place + scan.place
        state.tail = scan.text[scan.place :]
        return state

    def _string_closed(self, state: Slots, end: int, whole: str) -> None:
        """Quotes within an f-string's fields end it for this reading: then it is lost."""
        string = whole[self._origin + state.string : self._origin + end]
        escape = unknown_escape(string) if state.escape is None else None
        if escape is not None:
            state.escape = state.string + escape
        prefix = string[: string.index(string[-1])]
        if prefix and set(prefix) & set("fFtT") and string.count("{") != string.count("}"):
            state.lost = True

    def _operand(self, state: Slots, token: str, at: int, whole: str) -> None:
        previous = state.previous
        if previous == ".":
            state.previous = token
            self._token(state, token)
            return
        if token == "''" == previous:
            # Strings that stand together are one.
            self._token(state, token)
            return
        if is_operand_end(previous):
            if _is_soft(state):
                self._restart(state, previous, at, whole)
            else:
                state.lost = True
        state.primary = at
        state.previous = token
        self._token(state, token)

    def _keyword(self, state: Slots, token: str, at: int, whole: str) -> None:
        if token in _VALUES:
            self._operand(state, token, at, whole)
            return
        slot = state.stack[-1]
        bracket = len(state.stack) > 1
        state.primary = None
        if token == "yield" or (token == "from" and state.previous == "yield"):
            word = token if token == "yield" else "yield from"
            self._restart(state, word, at + len(token), whole)
            self._mark(state, opaque=True)
        elif token == "async" and bracket:
            self._end(state, token, at, whole)
            self._restart(state, token, at + len(token), whole)
        elif not bracket and token in _STATEMENTS and not (token == "if" and state.previous):
            if state.previous and slot.word != "async":
                # A pattern's or an inline body's own statement.
                self._statement_ends(state, ":", at, whole)
            self._restart(state, token, at + len(token), whole)
        elif not bracket and not state.previous and token not in ("not", "await", "lambda"):
            self._restart(state, token, at + len(token), whole)
        elif token == "lambda":
            state.lambdas = (*state.lambdas, len(state.stack))
            self._mark(state, opaque=True)
            self._token(state, token)
        elif token == "for" and bracket:
            self._end(state, "for", at, whole)
            self._restart(state, "for", at + len(token), whole)
            state.stack = (*state.stack[:-1], state.stack[-1]._replace(comprehension=True))
        elif token in ("in", "if") and slot.comprehension and self._clause(slot, token):
            self._end(state, token, at, whole)
            self._restart(state, token, at + len(token), whole)
        elif not bracket and (
            (token == "in" and slot.word == "for")
            or (token == "if" and slot.word == "case")
            or token in ("from", "as", "import", "except", "else", "finally")
            and not (token == "else" and slot.tokens)
        ):
            self._end(state, token, at, whole)
            self._restart(state, token, at + len(token), whole)
        elif token in _OPERATORS:
            self._token(state, token)
        else:
            # `as` in `with (a as b):` and the like.
            self._token(state, token)
            self._mark(state, opaque=True)
        state.previous = token

    @staticmethod
    def _clause(slot: Slot, token: str) -> bool:
        """Whether `in` or `if` begins a clause of the comprehension, and is no operator."""
        return slot.word == "for" if token == "in" else slot.word in ("in", "if")

    def _operator(self, state: Slots, token: str, at: int, whole: str) -> None:
        slot = state.stack[-1]
        bracket = len(state.stack) > 1
        waiting = bool(state.lambdas) and state.lambdas[-1] == len(state.stack)
        if token in "([{":
            self._open(state, token, at, whole)
            return
        if token in ")]}":
            self._close(state, token, at, whole)
            return
        if token == ".":
            if not is_operand_end(state.previous):
                state.primary = None
            self._token(state, token)
            state.previous = token
            return
        state.primary = None
        if waiting and token in (":", ",", "=", "*", "**", "/"):
            if token == ":":
                state.lambdas = state.lambdas[:-1]
            self._token(state, token)
        elif token == ",":
            if slot.word == "for":
                self._token(state, token)
            else:
                self._end(state, token, at, whole, done=True)
                self._next(state, at + 1, whole)
        elif token == ";" and not bracket:
            self._statement_ends(state, token, at, whole)
            return
        elif token == ":":
            self._colon(state, at, whole)
            if state.previous == "":
                return
        elif token in _ASSIGNING:
            self._equals(state, token, at, whole)
        elif token in ("*", "**") and not slot.tokens and not slot.star:
            if slot.kind != "subscript" or token == "*":
                end = at + len(token)
                state.stack = (*state.stack[:-1], slot._replace(star=token, current=end))
        elif token == "->" and not bracket:
            self._end(state, token, at, whole)
            self._restart(state, token, at + 2, whole)
        elif token == "@" and not bracket and state.previous == "":
            self._restart(state, token, at + 1, whole)
        else:
            self._token(state, token)
        state.previous = token

    def _equals(self, state: Slots, token: str, at: int, whole: str) -> None:
        slot = state.stack[-1]
        end = at + len(token)
        if slot.kind == "statement":
            self._end(state, token, at, whole)
            self._restart(state, token, end, whole)
        elif token == "=" and slot.kind == "parameters":
            keyword = slot.keyword or slot.first
            self._end(state, token, at, whole)
            self._restart(state, token, end, whole)
            self._mark(state, keyword=keyword)
        elif token == "=" and slot.kind in ("call", "bases", "pattern") and slot.tokens == 1:
            if slot.keyword or slot.star or not slot.first.isidentifier():
                state.lost = True
            self._restart(state, slot.word, end, whole)
            self._mark(state, keyword=slot.first)
        else:
            state.lost = state.lost or slot.kind != "typeparams"
            self._token(state, token)

    def _colon(self, state: Slots, at: int, whole: str) -> None:
        slot = state.stack[-1]
        if len(state.stack) == 1:
            first = slot.head.split(None, 1)[0] if slot.head else slot.word
            if first in _HEADERS or first == "async" or slot.word in _HEADERS:
                self._statement_ends(state, ":", at, whole)
                state.previous = ""
                return
            self._end(state, ":", at, whole)
            self._restart(state, ":", at + 1, whole)
        elif slot.kind == "parameters":
            name = slot.first
            self._restart(state, ":", at + 1, whole)
            self._mark(state, keyword=name)
        elif slot.opener in "[{":
            self._end(state, ":", at, whole)
            self._restart(state, ":", at + 1, whole)
        else:
            state.lost = True

    def _open(self, state: Slots, token: str, at: int, whole: str) -> None:
        outer = state.stack[-1]
        statement = len(state.stack) == 1
        trailer = is_operand_end(state.previous) and state.primary is not None
        kind, head, base = ("group" if token == "(" else "display"), "", at
        if statement and outer.word in ("def", "class"):
            heading = "parameters" if outer.word == "def" else "bases"
            kind = "typeparams" if token == "[" else heading
        elif (
            outer.kind == "pattern"
            or outer.word == "case"
            or (_is_soft(state) and state.previous != "type")
        ):
            # `match (a, b):` and `case (a, b):` call nothing, perhaps.
            kind = "pattern"
        elif trailer and token != "{":
            base = state.primary if state.primary is not None else at
            head = whole[self._origin + base : self._origin + at].strip()
            kind = "call" if token == "(" else "subscript"
        elif trailer:
            state.lost = True
        self._token(state, token)
        depth = len(state.stack) - 1
        slot = Slot(
            token, kind, head, "", depth, base, at, (), at + 1, at + 1, "", "", 0, "", False, False
        )
        state.stack = (*state.stack, slot)
        state.primary = None
        state.previous = token

    def _close(self, state: Slots, token: str, at: int, whole: str) -> None:
        if len(state.stack) == 1 or state.stack[-1].opener + token not in ("()", "[]", "{}"):
            state.lost = True
            return
        self._end(state, token, at, whole, done=True, closes=True)
        slot = state.stack[-1]
        state.stack = state.stack[:-1]
        depth = len(state.stack)
        if state.lambdas:
            state.lambdas = tuple(each for each in state.lambdas if each <= depth)
        state.primary = slot.base
        state.previous = ")"
        self._token(state, ")")

    def _statement_ends(self, state: Slots, by: str, at: int, whole: str) -> None:
        state.stack = state.stack[:1]
        self._end(state, by, at, whole, done=True, closes=True)
        state.stack = (_statement(at + 1),)
        state.primary = None
        state.lambdas = ()
        state.previous = ""

    def _end(
        self,
        state: Slots,
        by: str,
        at: int,
        whole: str,
        *,
        done: bool = False,
        closes: bool = False,
    ) -> None:
        """The running element ends here; `done` where a comma or the slot's end finished it."""
        slot = state.stack[-1]
        if done and slot.comprehension:
            self._end(state, by, at, whole)
        element = None
        if slot.tokens or slot.star or (slot.keyword and slot.kind != "parameters"):
            start = slot.element if done and slot.comprehension else slot.current
            text = whole[self._origin + start : self._origin + at]
            start += len(text) - len(text.lstrip())
            text = text.strip()
            element = Element(
                slot.element + _spaces(whole, self._origin + slot.element),
                start,
                start + len(text),
                text,
                slot.keyword,
                slot.star,
                slot.opaque or slot.comprehension,
            )
            if done:
                slot = slot._replace(done=(*slot.done, element))
                state.stack = (*state.stack[:-1], slot)
        if element is not None or closes:
            state.ended = Ended(slot, element, by, at, closes, state.ended)

    def _next(self, state: Slots, place: int, whole: str) -> None:
        """A comma was read: the next element begins."""
        slot = state.stack[-1]
        word, head = slot.word, slot.head
        if slot.kind != "statement":
            word = ""
        else:
            head = whole[self._origin + slot.at : self._origin + place].strip()
            if word == "as":
                word = head.split(None, 1)[0]
        state.stack = (
            *state.stack[:-1],
            slot._replace(
                word=word, head=head, element=place, current=place, keyword="", star="", tokens=0,
                first="", opaque=False, comprehension=False,
            ),
        )  # fmt: skip

    def _restart(self, state: Slots, word: str, place: int, whole: str) -> None:
        """`word` was read: what stands behind it, from `place` on, is a value of its own."""
        slot = state.stack[-1]
        head = slot.head
        if slot.kind == "statement":
            head = whole[self._origin + slot.at : self._origin + place].strip()
        state.stack = (
            *state.stack[:-1],
            slot._replace(word=word, head=head, current=place, tokens=0, first="", star=""),
        )

    @staticmethod
    def _mark(state: Slots, **fields: object) -> None:
        state.stack = (*state.stack[:-1], state.stack[-1]._replace(**fields))

    @staticmethod
    def _token(state: Slots, token: str) -> None:
        """The running value has one more token."""
        slot = state.stack[-1]
        if slot.tokens == 0:
            slot = slot._replace(tokens=1, first=token)
        elif slot.tokens == 1:
            slot = slot._replace(tokens=2)
        else:
            return
        state.stack = (*state.stack[:-1], slot)


def _statement(place: int) -> Slot:
    return Slot(
        "", "statement", "", "", 0, place, place, (), place, place, "", "", 0, "", False, False
    )


def _is_soft(state: Slots) -> bool:
    """Whether the statement so far is one soft keyword: `match`, `case`, `type`."""
    return (
        len(state.stack) == 1 and state.stack[0].tokens == 1 and state.previous in _SOFT
    )


def _spaces(whole: str, place: int) -> int:
    """How many spaces and line breaks stand at `place`."""
    return len(whole) - place - len(whole[place:].lstrip())
