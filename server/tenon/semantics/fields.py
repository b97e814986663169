"""Fields: constructors that follow from a class's annotated fields.

Owns dataclasses, named tuples and typed dictionaries: their fields in order, inherited ones
first, and what each makes of a parameter. What is not understood is said as a reason.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from tenon.semantics.definitions import dotted
from tenon.semantics.parameters import Kind, Parameter
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import Scope
from tenon.semantics.types import ClassInfo, Function, Type, parts_of


def dataclass_decorator(prover: Prover, cls: ClassInfo) -> ast.expr | None:
    """The decorator that makes the class a dataclass, where the standard library's does."""
    for decorator in cls.node.decorator_list:
        maker = decorator.func if isinstance(decorator, ast.Call) else decorator
        if dotted(maker).rpartition(".")[2] != "dataclass":
            continue
        if _is_from(prover.expression(maker, cls.scope.parent or cls.scope), "dataclasses"):
            return decorator
    return None


def generates_init(prover: Prover, cls: ClassInfo) -> bool | str:
    """Whether a dataclass makes an `__init__`; a reason where that is computed."""
    decorator = dataclass_decorator(prover, cls)
    if decorator is None:
        return False
    option = _option(decorator, "init")
    return option if isinstance(option, str) else option is not False


def dataclass_parameters(
    prover: Prover, cls: ClassInfo, mro: list[ClassInfo]
) -> tuple[Parameter, ...] | str:
    """What a dataclass's own `__init__` takes; a reason where that is not known."""
    fields: dict[str, Parameter | None] = {}
    for index in reversed(range(len(mro))):
        decorator = dataclass_decorator(prover, mro[index])
        if decorator is None:
            continue
        found = _own_fields(prover, mro[index], decorator)
        if isinstance(found, str):
            return found
        for name, parameter in found.items():
            if parameter is not None and _has_value(name, mro[index + 1 :]):
                # A value that the class inherits is a default like its own.
                parameter = replace(parameter, required=False)
            fields[name] = parameter
    parameters = [each for each in fields.values() if each is not None]
    # Python moves what is by keyword only behind the rest.
    return (
        *(each for each in parameters if each.kind is Kind.EITHER),
        *(each for each in parameters if each.kind is Kind.KEYWORD),
    )


def _own_fields(
    prover: Prover, cls: ClassInfo, decorator: ast.expr
) -> dict[str, Parameter | None] | str:
    by_keyword = _option(decorator, "kw_only")
    if isinstance(by_keyword, str):
        return by_keyword
    kind = Kind.KEYWORD if by_keyword else Kind.EITHER
    found: dict[str, Parameter | None] = {}
    for statement in cls.node.body:
        if isinstance(statement, ast.If | ast.Try | ast.For | ast.With):
            if any(isinstance(inner, ast.AnnAssign) for inner in ast.walk(statement)):
                return f"the fields of {cls.name} depend on a condition"
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        form = dotted(_unsubscripted(statement.annotation)).rpartition(".")[2]
        if form in ("ClassVar", "KW_ONLY") and isinstance(statement.annotation, ast.Constant):
            return f"what '{name}' is depends on whether annotations are evaluated"
        if form == "ClassVar":
            continue
        if form == "KW_ONLY":
            kind = Kind.KEYWORD
            continue
        parameter = _field(prover, cls.scope, name, statement, kind)
        if isinstance(parameter, str):
            return parameter
        found[name] = parameter
    return found


def _has_value(name: str, bases: list[ClassInfo]) -> bool:
    """Whether one of the bases gives `name` a value in its body."""
    return any(
        not isinstance(binding.node, ast.AnnAssign) or binding.node.value is not None
        for base in bases
        for binding in base.scope.bindings.get(name, ())
    )


def _field(
    prover: Prover, scope: Scope, name: str, statement: ast.AnnAssign, kind: Kind
) -> Parameter | str | None:
    """The parameter of one field; None for one that `__init__` does not take."""
    value = statement.value
    required = value is None
    if isinstance(value, ast.Call) and _is_from(
        prover.expression(value.func, scope), "dataclasses"
    ):
        if any(keyword.arg is None for keyword in value.keywords):
            return f"the field '{name}' is made in a way that is not followed"
        options = {keyword.arg: keyword.value for keyword in value.keywords}
        required = not options.keys() & {"default", "default_factory"}
        taken, alone = options.get("init"), options.get("kw_only")
        for option in (taken, alone):
            if option is not None and not isinstance(option, ast.Constant):
                return f"the field '{name}' is made in a way that is not followed"
        if isinstance(taken, ast.Constant) and not taken.value:
            return None
        if isinstance(alone, ast.Constant) and isinstance(alone.value, bool):
            kind = Kind.KEYWORD if alone.value else Kind.EITHER
    return Parameter(
        name=name, kind=kind, required=required, annotation=statement.annotation, scope=scope
    )


def named_fields(cls: ClassInfo) -> tuple[Parameter, ...]:
    """What a class that derives from `NamedTuple` itself takes."""
    return tuple(
        Parameter(
            name=statement.target.id,
            kind=Kind.EITHER,
            required=statement.value is None,
            annotation=statement.annotation,
            scope=cls.scope,
        )
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    )


def typed_keys(mro: list[ClassInfo]) -> tuple[Parameter, ...]:
    """What calling a typed dictionary takes: a mapping, and each key by its name."""
    keys: dict[str, Parameter] = {}
    for each in reversed(mro):
        if each.module.is_stub and each.module.name in ("typing", "builtins", "collections.abc"):
            continue
        for statement in each.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                keys[name] = Parameter(
                    name=name, kind=Kind.KEYWORD, annotation=statement.annotation, scope=each.scope
                )
    return (Parameter(name="mapping", kind=Kind.POSITIONAL), *keys.values())


def _option(decorator: ast.expr, name: str) -> bool | None | str:
    """What a decorator's call says of `name`; None where it says nothing, else a reason."""
    if not isinstance(decorator, ast.Call):
        return None
    for keyword in decorator.keywords:
        if keyword.arg is None:
            return "a dataclass's options are computed"
        if keyword.arg == name:
            if not isinstance(keyword.value, ast.Constant):
                return "a dataclass's options are computed"
            return bool(keyword.value.value)
    return None


def _is_from(value: Type, module: str) -> bool:
    return all(
        isinstance(part, Function) and part.scope.module.name == module for part in parts_of(value)
    )


def _unsubscripted(node: ast.expr) -> ast.expr:
    """`ClassVar` of `ClassVar[int]`, in quotes or not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        head = node.value.partition("[")[0].strip()
        return ast.Name(id=head.rpartition(".")[2])
    return node.value if isinstance(node, ast.Subscript) else node
