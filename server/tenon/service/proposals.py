"""Proposals: expressions that fit the place at the cursor, found without the model.

Where a type is expected, those that inhabit it; in a string, and where one may begin, the few
words that may stand there; after a dot, the members of a receiver that is proven, those of the
expected type first. Elsewhere nothing: which names there are is said by other servers. Owns what
is proposed and in which order. What has a type, and what a place asks, is found elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, cast

from tenon.constraints.constraint import Constraint, Domain
from tenon.constraints.derive import derive
from tenon.constraints.elements import Slots
from tenon.constraints.imports import receiver_of
from tenon.constraints.literals import Literals
from tenon.constraints.phrases import Phrases, Said, closers
from tenon.constraints.slots import SlotReader
from tenon.constraints.types import Types
from tenon.semantics.choices import PROBE
from tenon.semantics.facts import Facts
from tenon.semantics.fitting import Fit, Fitting
from tenon.semantics.inquiry import Inquiry, Place, parsed
from tenon.semantics.sources import OutOfTime
from tenon.semantics.types import (
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    Type,
    Unknown,
    parts_of,
    shown,
)
from tenon.service.checks import Held
from tenon.syntax.context import CursorContext, Role
from tenon.text import Deadline

_SILENT = frozenset({Role.COMMENT, Role.IMPORT})
_EXPRESSIONS = 60
_MEMBERS = 500
_LEAST = 0.002
"""Seconds below which no search is begun."""


class Kind(StrEnum):
    """What a proposal is, as an editor shows it by a sign."""

    VARIABLE = "variable"
    FIELD = "field"
    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    CONSTRUCTOR = "constructor"
    MODULE = "module"
    ENUM_MEMBER = "enum member"
    VALUE = "value"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A text that may stand at the cursor, in place of what has been typed of it."""

    text: str
    kind: Kind
    type: str
    """What it is; "" where that was not found out in time."""
    because: str
    """Who asks for it, or whose it is: "'greet' returns str", "Path"."""
    expected: bool
    """Whether the place asks for what it is."""
    typed: int
    """Characters before the cursor that it replaces, all on the cursor's line."""


def propose(context: CursorContext, facts: Facts, deadline: Deadline) -> tuple[Proposal, ...]:
    """Proposals for the cursor, the likeliest first; out of time, those found so far. To be asked
    for on the analysis thread: files are read for them."""
    frame = context.frame
    if frame is None or facts.inquiry is None or context.role in _SILENT:
        return ()
    inquiry = facts.inquiry.reading()
    facts = replace(facts, inquiry=inquiry)
    constraints = derive(context, facts)
    if not constraints:
        return ()
    before = frame.opening[len(frame.opening) - frame.statement :]
    cursor = _Cursor(inquiry, before, frame.closing, deadline)
    if cursor.state.lost or cursor.state.comment:
        return ()
    if cursor.in_string:
        return tuple(_words_in_string(cursor))
    receiver = receiver_of(constraints)
    if receiver:
        return tuple(_members(cursor, facts, receiver))
    found = [*_strings(cursor), *_expressions(cursor, constraints)]
    return tuple({each.text: each for each in reversed(found)}.values())[::-1]


def filling(held: Held, proposals: Sequence[Proposal], deadline: Deadline) -> str:
    """What the first of the proposals adds at the cursor, where the place asks for it and nothing
    that holds there is against it; else ""."""
    first = next(iter(proposals), None)
    if first is None or not first.expected:
        return ""
    prefix = held.context.prefix
    typed = prefix[len(prefix) - first.typed :]
    if not first.text.startswith(typed):
        return ""
    text = first.text[len(typed) :]
    against = next(held.objections(text, deadline=deadline), None) if text else None
    return "" if against is not None or deadline.passed else text


class _Cursor:
    """The author's part of a statement, and what may be asked about its end."""

    def __init__(self, inquiry: Inquiry, before: str, rest: str, deadline: Deadline) -> None:
        self.inquiry = inquiry
        self.before = before
        self.rest = rest
        self.slots = SlotReader(before)
        self.phrases = Phrases(before)
        self.state: Slots = self.slots.read("")
        self.literals = Literals(inquiry, self.phrases, before)
        self._deadline = deadline

    @property
    def seconds(self) -> float:
        """What a search may take."""
        return max(self._deadline.remaining, _LEAST)

    @property
    def in_string(self) -> bool:
        # Quotes at the very end could be the first of three: one letter settles that.
        return bool(self.slots.read("x").quote)

    @property
    def late(self) -> bool:
        return self._deadline.remaining < _LEAST


# Where a type is expected.


def _expressions(cursor: _Cursor, constraints: Sequence[Constraint]) -> Iterator[Proposal]:
    types = next((each for each in constraints if each.domain is Domain.TYPES), None)
    if types is None or cursor.late:
        return
    # By its domain, for one that is timed is wrapped.
    found = cast(Types, types).suggestions(limit=_EXPRESSIONS, seconds=cursor.seconds)
    if found is None:
        return
    word = cursor.state.partial.lower()
    for each in sorted(found.found, key=lambda one: not one.text.lower().startswith(word)):
        if found.asked.startswith(f"'{each.text}' is "):
            # What is being set, to itself.
            continue
        yield Proposal(
            text=each.text,
            kind=_kind_of_expression(each.text, each.type),
            type=each.type,
            because=found.asked,
            expected=True,
            typed=-found.start,
        )


def _kind_of_expression(text: str, type_: str) -> Kind:
    owner, dot, _ = text.rpartition(".")
    if text in ("True", "False", "None"):
        return Kind.KEYWORD
    if not text[0].isidentifier() or text[-1] in "'\"":
        return Kind.VALUE
    if text.endswith(")"):
        callee = text.partition("(")[0]
        return Kind.CONSTRUCTOR if callee == type_.partition("[")[0] else Kind.FUNCTION
    if dot and text.isascii() and owner.rpartition(".")[2] == type_:
        return Kind.ENUM_MEMBER
    return Kind.FIELD if dot else Kind.VARIABLE


# Where one of a few strings is expected.


def _strings(cursor: _Cursor) -> Iterator[Proposal]:
    """Where the string itself is about to begin."""
    if cursor.state.partial or cursor.late:
        return
    # An `=` at the end is one only once something else follows.
    found = cursor.literals.beginning(cursor.slots.read(" "), seconds=cursor.seconds)
    for word in found.words if found is not None else ():
        yield Proposal(
            text=repr(word),
            kind=Kind.VALUE,
            type="str",
            because=found.whose.rstrip(":"),
            expected=True,
            typed=0,
        )


def _words_in_string(cursor: _Cursor) -> Iterator[Proposal]:
    found = cursor.literals.begun(cursor.slots, seconds=cursor.seconds)
    typed = "" if found is None else cursor.before[len(cursor.before) + found.at :]
    if found is None or "\n" in typed:
        return
    closing = "" if found.quote in cursor.rest.partition("\n")[0] else found.quote
    for word in sorted(found.words, key=lambda word: not word.startswith(typed)):
        if repr(word)[1:-1] == word and found.quote[0] not in word:
            yield Proposal(
                text=word + closing,
                kind=Kind.VALUE,
                type="str",
                because=found.whose.rstrip(":"),
                expected=True,
                typed=-found.at,
            )


# After a dot.


class _Member(NamedTuple):
    type: str
    kind: Kind
    fit: Fit
    """Whether it is what the place asks for, or gives it once it is called."""
    is_foreign: bool = False
    """Whether the module that is asked for it only imported it itself."""
    place: tuple[int, int] = (0, 0)
    """Where the author's own classes declare it: from how far above, and in which order."""


_UNSEEN = _Member("", Kind.FIELD, Fit.MAY)


def _members(cursor: _Cursor, facts: Facts, receiver: str) -> Iterator[Proposal]:
    known = facts.receiver(receiver)
    if known is None or not known.complete:
        return
    word = cursor.state.partial
    begun = word.lower()
    names = sorted(
        (name for name in known.words.ordered if word[:1] == "_" or not name.startswith("__")),
        key=lambda name: (not name.lower().startswith(begun), _privacy(name), name),
    )[:_MEMBERS]
    found = {} if cursor.late else _looked_up(cursor, names)
    names.sort(
        key=lambda name: (
            not name.lower().startswith(begun),
            _privacy(name),
            found.get(name, _UNSEEN).is_foreign,
            found.get(name, _UNSEEN).fit,
            found.get(name, _UNSEEN).place,
        )
    )
    for name in names:
        each = found.get(name, _UNSEEN)
        yield Proposal(
            text=name,
            kind=each.kind,
            type=each.type,
            because=known.owner,
            expected=each.fit is Fit.FITS and each.kind is not Kind.METHOD,
            typed=len(word),
        )


def _privacy(name: str) -> int:
    return 2 if name.startswith("__") else int(name.startswith("_"))


def _looked_up(cursor: _Cursor, names: Sequence[str]) -> dict[str, _Member]:
    """What members of the receiver at the cursor are, as many as time allows."""
    state, origin = cursor.state, len(cursor.before)
    if state.primary is None or any(each.kind in ("pattern", "typeparams") for each in state.stack):
        return {}
    dot = origin - len(state.partial)
    operand = cursor.before[origin + state.primary : dot].rstrip().removesuffix(".")
    node = parsed(operand.strip())
    if node is None:
        return {}
    said = cursor.phrases.said(state.stack[0].at, state.primary, "")
    if said is None:
        # The operand begins the statement: nothing is asked of it yet.
        said = Said(state.primary, "", None)
    earlier = cursor.phrases.earlier(state.ended, state.stack[0].at, "")
    source = f"{said.text} {PROBE}{closers(state.stack)}".lstrip()

    def find(place: Place) -> dict[str, _Member]:
        found: dict[str, _Member] = {}
        try:
            fitting = None
            if earlier is not None:
                fitting = Fitting(place, source, earlier, said.indent)
            receiver = place.prover.expression(node, place.scope)
            places = _declared(place, receiver)
            for name in names:
                place.prover.sources.check_time()
                value = place.prover.attribute(receiver, name)
                found[name] = _member(place, fitting, value)._replace(
                    is_foreign=_is_foreign(receiver, name), place=places.get(name, (0, 0))
                )
        except (OutOfTime, RecursionError):
            pass
        return found

    key = ("member types", operand, state.primary, state.partial)
    return cursor.inquiry.ask(key, find, seconds=cursor.seconds) or {}


def _member(place: Place, fitting: Fitting | None, value: Type) -> _Member:
    kind = _kind_of_member(value)
    gives = place.prover.called(value) if kind is Kind.METHOD else value
    unknown = any(isinstance(part, Unknown) for part in parts_of(gives))
    type_ = "" if unknown else shown(gives)
    if kind is Kind.METHOD and type_:
        type_ = f"() -> {type_}"
    return _Member(type_, kind, Fit.MAY if fitting is None else fitting.of(gives))


def _declared(place: Place, receiver: Type) -> dict[str, tuple[int, int]]:
    """Where the author's own classes declare their members; those of others have no place, for
    nobody knows the order in which a library says what it has."""
    found: dict[str, tuple[int, int]] = {}
    if not isinstance(receiver, Instance | ClassObject):
        return found
    for distance, (cls, _) in enumerate(place.prover.mro(receiver.cls) or ()):
        if cls.module.is_stub:
            far = distance, 0
            found.update((name, far) for name in cls.scope.bindings if name not in found)
            continue
        stores = place.prover.stores(cls)
        stored = sorted(stores, key=lambda name: stores[name][0][0].lineno)
        for order, name in enumerate((*cls.scope.bindings, *stored)):
            found.setdefault(name, (distance, order))
    return found


def _is_foreign(receiver: Type, name: str) -> bool:
    if not isinstance(receiver, ModuleValue):
        return False
    bindings = receiver.module.scope.bindings.get(name, ())
    return bool(bindings) and all(
        isinstance(binding.node, ast.Import | ast.ImportFrom | ast.alias) for binding in bindings
    )


def _kind_of_member(value: Type) -> Kind:
    for kind, meant in (
        (Kind.METHOD, Function),
        (Kind.CLASS, ClassObject),
        (Kind.MODULE, ModuleValue),
    ):
        if all(isinstance(part, meant) for part in parts_of(value)):
            return kind
    return Kind.FIELD
