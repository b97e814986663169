"""Members listed: what may follow a dot, what fits the place first.

Owns the order: what the word begun asks for, then what the place asks for, then as the author's
own classes declare it. Whose members are known, and what fits, is found elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tenon.constraints.phrases import Said, closers
from tenon.semantics.choices import PROBE
from tenon.semantics.facts import Facts
from tenon.semantics.fitting import Fit, Fitting
from tenon.semantics.inquiry import Place, parsed
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
from tenon.service.proposal import Cursor, Kind, Proposal

_MEMBERS = 500


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


def members(cursor: Cursor, facts: Facts, receiver: str) -> Iterator[Proposal]:
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


def _looked_up(cursor: Cursor, names: Sequence[str]) -> dict[str, _Member]:
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
