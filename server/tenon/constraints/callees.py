"""Callees: what the calls of a growing text call, as long as the text leaves them what they are.

Owns when a callee may be looked up at all. Asked by every domain that judges arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tenon.constraints.elements import Element, Slot
from tenon.constraints.reading import Reader
from tenon.constraints.state import Reading, changed
from tenon.semantics.arguments import Argument
from tenon.semantics.callees import callee_signatures
from tenon.semantics.index import receiver_text
from tenon.semantics.inquiry import Inquiry, parsed
from tenon.semantics.signatures import Signatures
from tenon.semantics.trees import expression_tree


class Callee(NamedTuple):
    signatures: Signatures
    """None of them where the ways to call it are not all known."""
    levels: frozenset[int] = frozenset()
    """The brackets round the call, counted from the outermost, in which a `for` may still come
    that makes something else of it: `[f(x) for f in y]`."""


class Callees:
    """At one cursor; each call is looked up once."""

    def __init__(self, inquiry: Inquiry | None, reader: Reader) -> None:
        self._inquiry = inquiry
        self._reader = reader
        self._known: dict[tuple[int, str, str], Callee] = {}

    def of(self, slot: Slot, text: str) -> Callee:
        """What the bracket `slot` of the completion `text` calls."""
        said = text[: max(slot.at, 0)]
        key = (slot.at, slot.head, said)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(slot, said)
        return found

    def _find(self, slot: Slot, said: str) -> Callee:
        head = slot.head
        node = parsed(head) if self._inquiry is not None else None
        if self._inquiry is None or node is None:
            return Callee(Signatures(reason="what is called cannot be looked up"))
        reading = self._reader.read(said) if said else self._reader.start
        if _is_bound_anew(node, reading):
            return Callee(Signatures(reason="the text itself gives it another meaning"))
        found = self._inquiry.ask(
            ("signatures", head), lambda place: callee_signatures(place, node)
        )
        levels = {
            level
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name)
            for level in self._reader.may_be_bound_anew(reading, inner.id)
            if level < slot.depth
        }
        return Callee(found or Signatures(reason="time was up"), frozenset(levels))


def _is_bound_anew(node: ast.expr, reading: Reading) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            if inner.id in reading.bound or inner.id in reading.asked:
                return True
        elif isinstance(inner, ast.Attribute):
            receiver = receiver_text(inner.value)
            if receiver and changed(reading, receiver, inner.attr):
                return True
    return False


def arguments(elements: Iterable[Element]) -> list[Argument]:
    """What the elements of a call are to a signature: a display behind a star is its elements."""
    found: list[Argument] = []
    for element in elements:
        count = _count(element.text) if element.star == "*" else None
        if count is None:
            found.append(Argument(keyword=element.keyword, star=element.star))
        else:
            found += [Argument()] * count
    return found


@lru_cache(maxsize=256)
def _count(text: str) -> int | None:
    """How many elements are displayed; None where that is not plain to see."""
    if text[:1] not in ("(", "["):
        return None
    try:
        display = expression_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(display, ast.Tuple | ast.List):
        return None
    starred = any(isinstance(each, ast.Starred) for each in display.elts)
    return None if starred else len(display.elts)
