"""Contents: what a display or a comprehension holds, and what the expected container is to hold.

Owns the way from an expected type to what it asks of the parts of an expression. Compares nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from tenon.semantics.assignable import Assignability
from tenon.semantics.fields import typed_keys
from tenon.semantics.inference import CIRCULAR
from tenon.semantics.parameters import Parameter
from tenon.semantics.prover import Prover
from tenon.semantics.types import Instance, Type, parts_of, union

_ELEMENTS = frozenset({
    "list", "set", "frozenset", "tuple", "Iterable", "Collection", "Sequence", "MutableSequence",
    "AbstractSet", "MutableSet",
})  # fmt: skip
_MAPPINGS = frozenset({"dict", "Mapping", "MutableMapping"})
_HOLDERS = (
    ast.List, ast.Set, ast.Tuple, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip

Held = tuple[ast.expr, Type]
"""A part of an expression, and what is expected of it."""


def contents(
    prover: Prover, assignability: Assignability, node: ast.expr, value: Type, expected: Type
) -> Iterator[Held]:
    """What `node`, a `value`, holds, with what is expected of it."""
    if not isinstance(node, _HOLDERS):
        return
    plain = Instance(value.cls) if isinstance(value, Instance) else value
    takers = [part for part in parts_of(expected) if not assignability.refutes(plain, part)]
    only = takers[0] if len(takers) == 1 else None
    if isinstance(node, ast.Tuple) and isinstance(only, Instance) and only.items:
        if len(only.items) == len(node.elts):
            yield from zip(node.elts, only.items, strict=True)
        return
    fields = declared_keys(prover, only) if isinstance(node, ast.Dict) and only else None
    if fields is not None and isinstance(node, ast.Dict):
        for key, inner in zip(node.keys, node.values, strict=True):
            field = fields.get(key.value) if isinstance(key, ast.Constant) else None
            if field is not None and field.annotation is not None and field.scope is not None:
                yield inner, prover.annotation(field.annotation, field.scope)
        return
    pairs = isinstance(node, ast.Dict | ast.DictComp)
    names, arity = (_MAPPINGS, 2) if pairs else (_ELEMENTS, 1)
    if not takers or not all(
        isinstance(part, Instance) and part.cls.name in names and len(part.args) == arity
        for part in takers
    ):
        return
    held = [
        union(part.args[index] for part in takers if isinstance(part, Instance))
        for index in range(arity)
    ]
    # An alias that stands in its own definition holds what it is itself.
    yield from _parts(node, [expected if each is CIRCULAR else each for each in held])


def _parts(node: ast.expr, held: list[Type]) -> Iterator[Held]:
    if isinstance(node, ast.Dict):
        for key, inner in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, held[0]
                yield inner, held[1]
    elif isinstance(node, ast.DictComp):
        yield node.key, held[0]
        yield node.value, held[1]
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        yield node.elt, held[0]
    elif isinstance(node, ast.List | ast.Set | ast.Tuple):
        for element in node.elts:
            if not isinstance(element, ast.Starred):
                yield element, held[0]


def declared_keys(prover: Prover, expected: Type) -> dict[object, Parameter] | None:
    """The keys that a TypedDict declares; None for any other type, or where a base is unknown."""
    mro = prover.mro(expected.cls) if isinstance(expected, Instance) else None
    if mro is None or all(each.name != "_TypedDict" for each, _ in mro):
        return None
    return {
        each.name: replace(each, required=_is_required(each))
        for each in typed_keys([each for each, _ in mro])[1:]
    }


def _is_required(key: Parameter) -> bool:
    """Whether a display must have it: nothing says that it, or any of its class, may be missing."""
    owner = key.scope.node if key.scope is not None else None
    quoted = isinstance(key.annotation, ast.Constant)
    return (
        isinstance(owner, ast.ClassDef)
        and not owner.keywords
        and not quoted
        and not isinstance(key.annotation, ast.Subscript)
    )
