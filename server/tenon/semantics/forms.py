"""Forms: annotations that are no types, by their shape or because a class takes no arguments.

Owns what may not be written where a type is declared. A call, a name, a string of words may all
make a type somewhere, or say in prose what is meant; only what never does is complained of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import NoneType

from tenon.semantics.annotations import quoted
from tenon.semantics.definitions import dotted
from tenon.semantics.operators import Complaint
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, Scope, all_arguments
from tenon.semantics.trees import expression_tree
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    Type,
    parts_of,
    shown,
)

_TYPING = frozenset({"typing", "typing_extensions"})
_OPEN = frozenset({"Literal", "Annotated"})
"""Forms that take values of any kind."""
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_MEANT = frozenset({"any", "callable"})
"""Functions that authors write for the types of nearly the same names."""
_PLAIN = frozenset({
    "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes",
    "builtins.list", "builtins.dict", "builtins.set", "_sitebuiltins._Helper",
    "_sitebuiltins._Printer", "_sitebuiltins.Quitter",
})  # fmt: skip
_VALUES = (
    ast.Compare, ast.BoolOp, ast.Lambda, ast.Dict, ast.Set, ast.JoinedStr, ast.IfExp, ast.UnaryOp,
    ast.List, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Await, ast.NamedExpr,
    ast.Slice,
)  # fmt: skip


def annotations_of(prover: Prover, statement: ast.stmt, scope: Scope) -> Iterator[ast.expr]:
    """The annotations that `statement` itself makes, and what it says to be a type."""
    if isinstance(statement, ast.AnnAssign):
        yield statement.annotation
        if statement.value is not None:
            if prover.special(statement.annotation, scope) == "TypeAlias":
                yield statement.value
    elif isinstance(statement, FunctionNode):
        for argument in all_arguments(statement.args):
            if argument.annotation is not None:
                yield argument.annotation
        if statement.returns is not None:
            yield statement.returns


def types_in(prover: Prover, call: ast.Call, scope: Scope) -> Iterator[ast.expr]:
    """The arguments of a call that are read as types: of `cast`, `TypeVar` and `NewType`."""
    for part in parts_of(prover.expression(call.func, scope)):
        made = part.cls if isinstance(part, ClassObject) else None
        home = made.module if made is not None else getattr(part, "scope", scope).module
        name = made.name if made is not None else getattr(getattr(part, "node", None), "name", "")
        if home.name not in _TYPING:
            return
        if name == "cast" and call.args:
            yield call.args[0]
        elif name == "NewType":
            yield from call.args[1:2]
        elif name == "TypeVar":
            yield from call.args[1:]
            yield from (each.value for each in call.keywords if each.arg == "bound")
        return


def misformed(prover: Prover, node: ast.expr, scope: Scope) -> Iterator[Complaint]:
    """What in the annotation `node` cannot be a type."""
    if isinstance(node, _VALUES):
        yield node, "a type is declared here, and this makes a value"
    elif isinstance(node, ast.Constant) and not isinstance(node.value, str | NoneType):
        if node.value is not Ellipsis:
            yield node, f"{node.value!r} is a value, and no type"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        inner = quoted(node)
        if inner is not None:
            missing = _unknown_name(prover, inner, scope)
            if missing:
                yield node, f"no name '{missing}' exists here"
            yield from ((node, reason) for _, reason in misformed(prover, inner, scope))
        elif not any(map(str.isalpha, node.value)):
            yield node, "a string without a word is no type"
        elif not (_is_prose(node.value) and _is_balanced(node.value)):
            yield node, "what this string says is no type"
    elif isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.BitOr):
            yield node, "a type is declared here, and this makes a value"
        for side in (node.left, node.right):
            if isinstance(side, ast.Tuple):
                yield side, "a type is declared here, and this makes a value"
        yield from misformed(prover, node.left, scope)
        yield from misformed(prover, node.right, scope)
    elif isinstance(node, ast.Call):
        made = prover.expression(node.func, scope)
        if isinstance(made, ClassObject) and _makes_values(made.cls):
            yield node, f"a type is declared here, and this makes a value: a {made.cls.name}"
        elif all(isinstance(each, Function) for each in parts_of(made)):
            found = prover.expression(node, scope)
            if all(isinstance(part, Instance) and _is_value(part) for part in parts_of(found)):
                yield node, f"a type is declared here, and this makes a value: a {shown(found)}"
    elif isinstance(node, ast.Attribute) and isinstance(_root(node), ast.Constant):
        yield node, f"{ast.unparse(node)} is no type"
    elif isinstance(node, ast.Name | ast.Attribute):
        found = prover.expression(node, scope)
        if all(_is_value(part) for part in parts_of(found)) and dotted(node) not in _MEANT:
            yield node, f"{shown(found)} is no type"
        elif isinstance(node, ast.Name) and _is_an_object(prover, node.id, scope):
            yield node, f"'{node.id}' is a value"
    elif isinstance(node, ast.Subscript):
        yield from _subscripted(prover, node, scope)


def _unknown_name(prover: Prover, quoted_one: ast.expr, scope: Scope) -> str:
    """A name in a quoted annotation that nothing binds, there or later; "" where there is none."""
    names = prover.names
    if scope.module is not prover.home or not names.complete:
        return ""
    for node in ast.walk(quoted_one):
        if isinstance(node, ast.Name) and not (
            node.id in names.words
            or node.id in names.later
            or node.id in names.elsewhere
            or node.id in names.ahead
            or node.id in names.behind
            or node.id in names.importable
            or node.id in names.imports.words
            or any(node.id in each.bindings for each in scope.chain())
        ):
            return node.id
    return ""


def _subscripted(prover: Prover, node: ast.Subscript, scope: Scope) -> Iterator[Complaint]:
    special = prover.special(node.value, scope)
    if special in _OPEN:
        return
    found = prover.expression(node.value, scope)
    generic = found.cls if isinstance(found, ClassObject) else None
    if generic is not None and _takes_nothing(prover, generic):
        yield node, f"{generic.name} takes no type arguments"
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    own = generic is not None and generic.module.name == "builtins" and generic.name != "tuple"
    taken = len(prover.parameters(generic)) if generic is not None and own else 0
    if taken and len(items) > taken:
        yield items[taken], f"{shown(found)} takes {taken} type arguments"
    for item in items:
        if own and isinstance(item, ast.Constant) and item.value is Ellipsis:
            yield item, "a type is declared here, and this is none"
        elif isinstance(item, ast.List):
            # The parameters of a `Callable`.
            for each in item.elts:
                yield from misformed(prover, each, scope)
        elif isinstance(item, ast.Compare | ast.BoolOp) or special is not None or (
            generic is not None and generic.module.is_stub
        ):
            yield from misformed(prover, item, scope)


def _is_value(part: Type) -> bool:
    """Whether it is a function or a plain value; what else a name may be can make a type."""
    if isinstance(part, Function):
        return part.scope.module.name == "builtins" or not part.scope.module.is_stub
    return isinstance(part, Instance) and part.cls.full_name in _PLAIN


def _is_an_object(prover: Prover, name: str, scope: Scope) -> bool:
    """Whether the name is a parameter that is declared as any object: no class, then."""
    bindings = next((each.bindings[name] for each in scope.chain() if name in each.bindings), ())
    return bool(bindings) and all(
        binding.kind == "param"
        and isinstance(binding.node, ast.arg)
        and isinstance(binding.node.annotation, ast.Name)
        and _is_object_class(prover.expression(binding.node.annotation, scope))
        for binding in bindings
    )


def _is_object_class(value: Type) -> bool:
    return isinstance(value, ClassObject) and value.cls.full_name == "builtins.object"


def _makes_values(cls: ClassInfo) -> bool:
    """Whether it is one of Python's own classes, but the class of classes."""
    return cls.module.name == "builtins" and cls.name not in ("type", "object", "super")


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _is_prose(text: str) -> bool:
    """Whether it may say in words what is meant, or might be read as if brackets stood around."""
    if "\n" not in text and " " in text.strip():
        return True
    try:
        expression_tree(f"({text})")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_balanced(text: str) -> bool:
    """Whether each bracket is closed. Prose that says what is meant keeps to that too."""
    waiting: list[str] = []
    for sign in text:
        if sign in _BRACKETS:
            waiting.append(_BRACKETS[sign])
        elif sign in ")]}" and (not waiting or waiting.pop() != sign):
            return False
    return not waiting


def _takes_nothing(prover: Prover, cls: ClassInfo) -> bool:
    """Whether nothing makes the class generic, nor lets it be subscripted some other way."""
    mro = prover.mro(cls)
    # Python's own say of themselves what they are generic in, such as `str(Sequence[str])`.
    plain = cls.module.name == "builtins" and not prover.parameters(cls)
    return (
        cls.full_name != "builtins.type"
        and mro is not None
        and all(
            not each.node.keywords
            and not getattr(each.node, "type_params", ())
            and (plain or not any(isinstance(base, ast.Subscript) for base in each.node.bases))
            and ((plain and each is not cls) or "__class_getitem__" not in each.scope.bindings)
            and (each.module.is_stub or not each.node.decorator_list)
            for each, _ in mro
        )
    )
