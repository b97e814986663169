"""Expressions: the type of what is written, where every step of it is proven.

Owns literals, operators, subscripts, iteration.
"""

from __future__ import annotations

import ast

from tenon.semantics.definitions import dotted
from tenon.semantics.inference import CIRCULAR, DEPTH, Inference
from tenon.semantics.overloads import positional_of
from tenon.semantics.scopes import Scope
from tenon.semantics.types import (
    NONE,
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    Unknown,
    grounded,
    parts_of,
    plain,
    union,
)

_DISPLAYS: dict[type[ast.AST], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Set: "set", ast.SetComp: "set",
    ast.Dict: "dict", ast.DictComp: "dict", ast.Tuple: "tuple", ast.JoinedStr: "str",
    ast.Slice: "slice",
}  # fmt: skip


_SIGNS: dict[type[ast.unaryop], str] = {
    ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__",
}  # fmt: skip
METHODS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"), ast.NotEq: ("__ne__", "__ne__"),
    ast.Lt: ("__lt__", "__gt__"), ast.Gt: ("__gt__", "__lt__"),
    ast.LtE: ("__le__", "__ge__"), ast.GtE: ("__ge__", "__le__"),
    ast.Add: ("__add__", "__radd__"), ast.Sub: ("__sub__", "__rsub__"),
    ast.Mult: ("__mul__", "__rmul__"), ast.Div: ("__truediv__", "__rtruediv__"),
    ast.FloorDiv: ("__floordiv__", "__rfloordiv__"), ast.Mod: ("__mod__", "__rmod__"),
    ast.Pow: ("__pow__", "__rpow__"), ast.LShift: ("__lshift__", "__rlshift__"),
    ast.RShift: ("__rshift__", "__rrshift__"), ast.BitAnd: ("__and__", "__rand__"),
    ast.BitOr: ("__or__", "__ror__"), ast.BitXor: ("__xor__", "__rxor__"),
    ast.MatMult: ("__matmul__", "__rmatmul__"),
}  # fmt: skip
"""What answers an operator on its left, and on its right."""
_NUMBERS = frozenset({"builtins.int", "builtins.float", "builtins.bool"})


class Expressions(Inference):
    """Expressions."""

    def expression(self, node: ast.AST, scope: Scope) -> Type:
        """The type of `node` evaluated in `scope`, whatever path leads there."""
        self.ticks += 1
        if self.ticks % 16 == 0:
            self.sources.check_time()
        key = ("expression", node, scope)
        if key in self.busy or len(self.busy) > DEPTH:
            self.cycles += 1
            return CIRCULAR
        self.busy.add(key)
        try:
            return grounded(self._expression(node, scope))
        finally:
            self.busy.discard(key)

    def _expression(self, node: ast.AST, scope: Scope) -> Type:
        if isinstance(node, ast.Name):
            return self.name(node.id, scope)
        if isinstance(node, ast.Attribute):
            value = self.offered(dotted(node), scope) if isinstance(node.value, ast.Name) else None
            return self.attribute(value or self.expression(node.value, scope), node.attr)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.Constant):
            value = node.value
            if value is None:
                return NONE
            made = self.builtin(type(value).__name__)
            if isinstance(made, Instance) and isinstance(value, str | bytes | int):
                return Instance(made.cls, (), value)
            return made
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and node.elts:
            return self._display(node, scope)
        for kind, name in _DISPLAYS.items():
            if isinstance(node, kind):
                return self.builtin(name)
        if isinstance(node, ast.IfExp):
            return union((self.expression(node.body, scope), self.expression(node.orelse, scope)))
        if isinstance(node, ast.BoolOp):
            return union(self.expression(value, scope) for value in _reached(node))
        if isinstance(node, ast.NamedExpr):
            return self.expression(node.value, scope)
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return self.builtin("bool")
            operand = self.expression(node.operand, scope)
            return plain(self.call_method(operand, _SIGNS[type(node.op)]))
        if isinstance(node, ast.Compare):
            return self._comparison(node, scope)
        if isinstance(node, ast.BinOp):
            return self._operation(node, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        if isinstance(node, ast.Await):
            return self.awaited(self.expression(node.value, scope))
        return Unknown(f"a {type(node).__name__} is not followed")

    def _display(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Type:
        made = self.builtin(_DISPLAYS[type(node)])
        if not isinstance(made, Instance) or len(node.elts) > 8 or isinstance(node, ast.List):
            # A list grows: what was put in later is not seen here.
            return made
        if any(isinstance(element, ast.Starred) for element in node.elts):
            return made
        items = tuple(plain(self.expression(element, scope)) for element in node.elts)
        inner = union(items)
        args = () if isinstance(inner, Unknown) else (inner,)
        return Instance(made.cls, args, items=items if isinstance(node, ast.Tuple) else ())

    def _comparison(self, node: ast.Compare, scope: Scope) -> Type:
        """A truth value, where both sides are known to make one of any comparison."""
        truth = self.builtin("bool")
        unknown = Unknown("a comparison may return anything")
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            methods = METHODS.get(type(operator))
            for side, method in zip((left, right), methods or (), strict=False):
                value = self.expression(side, scope)
                if not all(self._answers(part, method, truth) for part in parts_of(value)):
                    return unknown
            left = right
        return truth

    def _answers(self, part: Type, method: str, truth: Type) -> bool:
        """Whether comparing `part` gives a truth value; what has no such method is never asked."""
        if isinstance(part, NoneValue | ModuleValue | Function):
            return True
        if isinstance(part, ClassObject):
            return self._compares_plainly(part.cls, method)
        if not isinstance(part, Instance) or self.is_protocol(part.cls):
            return False
        mro = self.mro(part.cls)
        if mro is None or part.cls.full_name in ("builtins.object", "builtins.type"):
            return False
        if all(method not in each.scope.bindings for each, _ in mro):
            return True
        return self.call_method(part, method) == truth

    def _compares_plainly(self, cls: ClassInfo, method: str) -> bool:
        """Whether no metaclass says what comparing the class itself gives."""
        for each, _ in self.mro(cls) or ():
            for keyword in each.node.keywords:
                if keyword.arg not in (None, "metaclass"):
                    continue
                made = self.expression(keyword.value, each.scope.parent or each.scope)
                above = self.mro(made.cls) if isinstance(made, ClassObject) else None
                if above is None or any(
                    method in meta.scope.bindings
                    for meta, _ in above
                    if meta.full_name not in ("builtins.type", "builtins.object")
                ):
                    return False
        return True

    def _operation(self, node: ast.BinOp, scope: Scope) -> Type:
        left = self.expression(node.left, scope)
        if isinstance(node.op, ast.BitOr) and _is_class(left):
            right = self.expression(node.right, scope)
            types = self.sources.module("types")
            if (right == NONE or _is_class(right)) and types is not None:
                return self.made(self.module_attribute(types, "UnionType"))
        if not isinstance(left, Instance):
            return Unknown("the left operand is not known")
        if left.cls.name == "str" and isinstance(node.op, ast.Mod):
            return self.builtin("str")
        right = self.expression(node.right, scope)
        if isinstance(right, Instance) and right.cls is left.cls and isinstance(node.op, ast.Add):
            if left.cls.name in ("str", "bytes"):
                return Instance(left.cls)
            if left.cls.full_name == "builtins.list":
                same = left.args == right.args
                return Instance(left.cls, left.args if same else ())
        if isinstance(node.op, ast.Div) and left.cls.module.name.startswith("pathlib"):
            return Instance(left.cls)
        if isinstance(right, Instance) and {left.cls.full_name, right.cls.full_name} <= _NUMBERS:
            return self._calculated(left, node.op, right)
        return Unknown("the operator may return anything")

    def augmented(self, value: Type, node: ast.AugAssign, scope: Scope) -> Type:
        """What a name that is bound to numbers may be where it is changed in place, too."""
        other = self.expression(node.value, scope)
        parts = [*parts_of(value), *parts_of(other)]
        if not all(isinstance(part, Instance) and part.cls.full_name in _NUMBERS for part in parts):
            return Unknown("it is changed in place")
        return union(
            self._calculated(left, node.op, right)
            for left in parts_of(value)
            for right in parts_of(other)
            if isinstance(left, Instance) and isinstance(right, Instance)
        )

    def _calculated(self, left: Instance, operator: ast.operator, right: Instance) -> Type:
        """What one number makes of another, or is made by it."""
        method, reflected = METHODS[type(operator)]
        found = self._answer(left, method, right)
        return (found or self._answer(right, reflected, left)) or Unknown("nothing calculates it")

    def _answer(self, owner: Instance, method: str, other: Instance) -> Type | None:
        """What `owner.method(other)` returns; None where the method does not take it."""
        ways = [
            part for part in parts_of(self.attribute(owner, method)) if isinstance(part, Function)
        ]
        for way in sorted(ways, key=lambda each: each.node.lineno):
            places = positional_of(way)
            declared = places[0].annotation if places else None
            if declared is None:
                return Unknown("the operator may return anything")
            taken = self.takes(self.annotation(declared, way.scope), other)
            if taken is None:
                return Unknown("the operator may return anything")
            if taken:
                made = list(parts_of(plain(self.returned(way))))
                # Where a float is declared an int may stand, but none comes of calculating.
                fractions = [part for part in made if part == self.builtin("float")]
                return union(fractions or made)
        return None

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Type:
        value = self.expression(node.value, scope)
        if isinstance(value, ClassObject):
            argument = node.slice
            items = argument.elts if isinstance(argument, ast.Tuple) else [argument]
            return ClassObject(value.cls, tuple(self.annotation(item, scope) for item in items))
        if isinstance(value, Instance):
            if value.cls.name in ("str", "bytes") and value.cls.module.name == "builtins":
                return plain(value) if value.cls.name == "str" else Unknown("bytes give numbers")
            if value.cls.name in ("list", "tuple") and isinstance(node.slice, ast.Slice):
                return value
            if value.items and isinstance(node.slice, ast.Constant):
                return self.element(value, node.slice.value)
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                declared = self._declared_item(value.cls, node.slice.value)
                if declared is not None:
                    return declared
            return self._item(value, sliced=isinstance(node.slice, ast.Slice))
        return Unknown("the element's type is not known")

    def _declared_item(self, cls: ClassInfo, key: str) -> Type | None:
        """What a TypedDict declares for a key; None for any other class, or key."""
        above = [each for each, _ in self.mro(cls) or ()]
        if all(each.name != "_TypedDict" for each in above):
            return None
        for each in above:
            for binding in () if each.module.is_stub else each.scope.bindings.get(key, ()):
                if isinstance(binding.node, ast.AnnAssign):
                    return self.annotation(binding.node.annotation, each.scope)
        return None

    def _item(self, value: Instance, *, sliced: bool) -> Type:
        """What `__getitem__` returns, of its overloads those for a slice, or those for none."""
        ways = [
            part
            for part in parts_of(self.attribute(value, "__getitem__"))
            if isinstance(part, Function)
        ]
        chosen = [way for way in ways if _takes_slice(way) is sliced] or ways
        return self.called(union(chosen)) if chosen else Unknown("it has no elements")

    def element(self, value: Type, index: object) -> Type:
        """What unpacking `value` gives at `index`."""
        found: list[Type] = []
        for part in parts_of(value):
            items = part.items if isinstance(part, Instance) else ()
            if items and isinstance(index, int) and -len(items) <= index < len(items):
                found.append(items[index])
            else:
                found.append(self.iterated(part))
        return union(found)

    def _call(self, node: ast.Call, scope: Scope) -> Type:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            info = self.enclosing_class(scope)
            return Instance(info) if info else Unknown("super() outside a class")
        return self.called(self.expression(node.func, scope), node, scope)

    def awaited(self, value: Type) -> Type:
        if isinstance(value, Instance) and value.cls.name == "Coroutine" and len(value.args) == 3:
            return value.args[2]
        waiting = self.call_method(value, "__await__")
        if isinstance(waiting, Instance) and len(waiting.args) == 3:
            return grounded(waiting.args[2])
        return Unknown("what is awaited is not known")

    def iterated(self, value: Type) -> Type:
        """What `for x in value` gives x."""
        found: list[Type] = []
        for part in parts_of(value):
            if isinstance(part, ClassObject):
                if self.is_enum(part.cls):
                    found.append(Instance(part.cls))
                    continue
                return Unknown("a class is iterated")
            if not isinstance(part, Instance):
                return Unknown("what is iterated is not known")
            if part.cls.full_name == "builtins.str":
                found.append(plain(part))
                continue
            iterator = self.call_method(part, "__iter__")
            found.append(grounded(self.call_method(iterator, "__next__")))
        return union(found)


def _reached(node: ast.BoolOp) -> list[ast.expr]:
    """The operands that the whole may be: none behind one that is written down and decides."""
    for place, each in enumerate(node.values):
        if isinstance(each, ast.Constant) and bool(each.value) is isinstance(node.op, ast.Or):
            return node.values[: place + 1]
    return node.values


def _is_class(value: Type) -> bool:
    return isinstance(value, ClassObject) and not any(
        each.arg == "metaclass" for each in value.cls.node.keywords
    )


def _takes_slice(function: Function) -> bool:
    last = function.node.args.args[-1:] or function.node.args.posonlyargs[-1:]
    annotation = last[0].annotation if last else None
    return annotation is not None and "slice" in ast.unparse(annotation)
