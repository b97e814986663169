"""Expressions: the type of what is written, where every step of it is proven.

Owns literals, operators, subscripts, iteration.
"""

from __future__ import annotations

import ast

from tenon.semantics.inference import CIRCULAR, DEPTH, Inference
from tenon.semantics.scopes import Scope
from tenon.semantics.types import (
    NONE,
    ClassObject,
    Function,
    Instance,
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
}  # fmt: skip


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
            return self.attribute(self.expression(node.value, scope), node.attr)
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
            return union(self.expression(value, scope) for value in node.values)
        if isinstance(node, ast.NamedExpr):
            return self.expression(node.value, scope)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.builtin("bool")
        if isinstance(node, ast.Compare):
            plain = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
            if all(isinstance(op, plain) for op in node.ops):
                return self.builtin("bool")
            return Unknown("a comparison may return anything")
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

    def _operation(self, node: ast.BinOp, scope: Scope) -> Type:
        left = self.expression(node.left, scope)
        if not isinstance(left, Instance):
            return Unknown("the left operand is not known")
        if left.cls.name == "str" and isinstance(node.op, ast.Mod):
            return self.builtin("str")
        right = self.expression(node.right, scope)
        if isinstance(right, Instance) and right.cls is left.cls and isinstance(node.op, ast.Add):
            if left.cls.name in ("str", "bytes"):
                return Instance(left.cls)
        if isinstance(node.op, ast.Div) and left.cls.module.name.startswith("pathlib"):
            return Instance(left.cls)
        return Unknown("the operator may return anything")

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
            return self._item(value, sliced=isinstance(node.slice, ast.Slice))
        return Unknown("the element's type is not known")

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


def _takes_slice(function: Function) -> bool:
    last = function.node.args.args[-1:] or function.node.args.posonlyargs[-1:]
    annotation = last[0].annotation if last else None
    return annotation is not None and "slice" in ast.unparse(annotation)
