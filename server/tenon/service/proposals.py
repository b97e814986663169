"""Proposals: expressions that fit the place at the cursor, found without the model.

Where a type is expected, those that inhabit it; in a string, and where one may begin, the few
words that may stand there; after a dot, the members of a receiver that is proven, those of the
expected type first. Elsewhere nothing: which names there are is said by other servers. Owns what
is proposed and in which order. What has a type, and what a place asks, is found elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from tenon.constraints.constraint import Constraint, Domain
from tenon.constraints.derive import derive
from tenon.constraints.imports import receiver_of
from tenon.constraints.types import Types
from tenon.semantics.facts import Facts
from tenon.service.checks import Held
from tenon.service.members_listed import members
from tenon.service.proposal import Cursor, Kind, Proposal
from tenon.syntax.context import CursorContext, Role
from tenon.text import Deadline

_SILENT = frozenset({Role.COMMENT, Role.IMPORT})
_EXPRESSIONS = 60


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
    cursor = Cursor(inquiry, before, frame.closing, deadline)
    if cursor.state.lost or cursor.state.comment:
        return ()
    if cursor.in_string:
        return tuple(_words_in_string(cursor))
    receiver = receiver_of(constraints)
    if receiver:
        return tuple(members(cursor, facts, receiver))
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


# Where a type is expected.


def _expressions(cursor: Cursor, constraints: Sequence[Constraint]) -> Iterator[Proposal]:
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


def _strings(cursor: Cursor) -> Iterator[Proposal]:
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


def _words_in_string(cursor: Cursor) -> Iterator[Proposal]:
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
