"""Scopes: who binds which name, in Python's own terms, over CPython's syntax tree.

Owns name binding. Knows no types and opens no files. Over-approximates on purpose: a name that
is bound anywhere in a scope, in whatever order and under whatever condition, is bound.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tenon.semantics.index import children, once

if TYPE_CHECKING:
    from tenon.semantics.sources import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Binding(NamedTuple):
    """One place that binds a name."""

    kind: str
    """"assign", "annotated", "augmented", "def", "class", "import", "from", "param", "for",
    "with", "async for", "async with", "except", "other"."""
    node: ast.AST
    """What explains the binding: the value, annotation, definition, import or iterable."""
    path: tuple[int, ...] | None = ()
    """Which part of the value the name takes, where it is unpacked; None where that is a list
    of several."""

    @property
    def whole(self) -> bool:
        return self.path == ()


class Scope:
    """A module, class, function, lambda or comprehension."""

    __slots__ = ("_bindings", "_children", "kind", "module", "node", "parent", "stars")

    def __init__(self, kind: str, node: ast.AST, parent: Scope | None, module: Module) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.module = module
        self.stars: list[ast.ImportFrom] = []
        self._bindings: dict[str, list[Binding]] | None = None
        self._children: dict[ast.AST, Scope] = {}

    @property
    def bindings(self) -> dict[str, list[Binding]]:
        if self._bindings is None:
            self._bindings = {}
            self._collect(self._bindings)
        return self._bindings

    def child(self, node: ast.AST) -> Scope:
        """The scope that `node`, a definition or comprehension in this one, opens."""
        scope = self._children.get(node)
        if scope is None:
            if isinstance(node, ast.ClassDef):
                kind = "class"
            elif isinstance(node, ast.Lambda):
                kind = "lambda"
            elif isinstance(node, COMPREHENSIONS):
                kind = "comprehension"
            else:
                kind = "function"
            scope = self._children[node] = Scope(kind, node, self, self.module)
        return scope

    def release(self) -> None:
        """Let go the scopes inside, which know this one."""
        for child in self._children.values():
            child.release()
        self._children = {}

    def chain(self) -> Iterator[Scope]:
        """This scope and those a name is looked up in after it, innermost first."""
        scope: Scope | None = self
        inner = True
        while scope is not None:
            if inner or scope.kind != "class":
                yield scope
            inner = inner and scope.kind == "comprehension"
            scope = scope.parent

    def _collect(self, found: dict[str, list[Binding]]) -> None:
        node = self.node
        if isinstance(node, ast.Module):
            self._gather(found)
            return
        binder = _Binder(found, walruses=self.module.walruses)
        if isinstance(node, COMPREHENSIONS):
            for generator in node.generators:
                kind = "other" if generator.is_async else "for"
                binder.target(generator.target, kind, generator.iter)
            return
        if isinstance(node, ast.Lambda):
            binder.parameters(node.args)
            return
        assert isinstance(node, ast.ClassDef | FunctionNode)
        if isinstance(node, FunctionNode):
            binder.parameters(node.args)
        for parameter in getattr(node, "type_params", ()):
            binder.bind(parameter.name, Binding("other", parameter))
        binder.block(node.body)
        self.stars.extend(binder.stars)
        for name in binder.declared:
            found.pop(name, None)

    def _gather(self, found: dict[str, list[Binding]]) -> None:
        """What the sections of the module bind."""
        for section in self.module.sections:
            names = section.bound.names
            self.stars.extend(section.bound.stars)
            both = {name: [*found[name], *names[name]] for name in found.keys() & names.keys()}
            found.update(names)
            found.update(both)
        for name in self.module.declared:
            found[name] = [*found.get(name, ()), Binding("other", self.node)]


class Bindings(NamedTuple):
    """What a list of statements binds in its own scope."""

    names: dict[str, list[Binding]]
    """Not to be changed: modules share the lists."""
    stars: list[ast.ImportFrom]


def bindings_of(body: Iterable[ast.stmt], *, walruses: bool) -> Bindings:
    """What stands in `body` itself, a module's or some part of one; `walruses` says whether
    expressions are looked through for names that they bind."""
    binder = _Binder({}, walruses=walruses)
    binder.block(body)
    return Bindings(binder.found, binder.stars)


class _Binder:
    """Reads off statements what they bind."""

    def __init__(self, found: dict[str, list[Binding]], *, walruses: bool) -> None:
        self.found = found
        self.stars: list[ast.ImportFrom] = []
        self.declared: set[str] = set()
        self._walruses = walruses

    def bind(self, name: str, binding: Binding) -> None:
        self.found.setdefault(name, []).append(binding)

    def target(
        self, node: ast.expr, kind: str, value: ast.AST, path: tuple[int, ...] | None = ()
    ) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id, Binding(kind, value, path))
        elif isinstance(node, ast.Tuple | ast.List):
            # Behind a starred name, places are counted from the end.
            starred = False
            for index, element in enumerate(node.elts):
                place = index - len(node.elts) if starred else index
                self.target(element, kind, value, None if path is None else (*path, place))
                starred = starred or isinstance(element, ast.Starred)
        elif isinstance(node, ast.Starred):
            self.target(node.value, kind, value, None)

    def parameters(self, arguments: ast.arguments) -> None:
        for argument in all_arguments(arguments):
            self.bind(argument.arg, Binding("param", argument))

    def block(self, body: Iterable[ast.stmt]) -> None:
        bind, target = self.bind, self.target
        for statement in statements(body):
            if isinstance(statement, FunctionNode):
                bind(statement.name, Binding("def", statement))
            elif isinstance(statement, ast.ClassDef):
                bind(statement.name, Binding("class", statement))
            elif isinstance(statement, ast.Assign):
                for place in statement.targets:
                    target(place, "assign", statement.value)
            elif isinstance(statement, ast.AnnAssign):
                target(statement.target, "annotated", statement)
            elif isinstance(statement, ast.AugAssign):
                target(statement.target, "augmented", statement)
            elif isinstance(statement, ast.For | ast.AsyncFor):
                kind = "for" if isinstance(statement, ast.For) else "async for"
                target(statement.target, kind, statement.iter)
            elif isinstance(statement, ast.With | ast.AsyncWith):
                kind = "with" if isinstance(statement, ast.With) else "async with"
                for item in statement.items:
                    if item.optional_vars is not None:
                        target(item.optional_vars, kind, item.context_expr)
            elif isinstance(statement, ast.Try | ast.TryStar):
                for handler in statement.handlers:
                    if handler.name:
                        bind(handler.name, Binding("except", handler))
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    bind(name, Binding("import", alias))
            elif isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    if alias.name == "*":
                        self.stars.append(statement)
                    else:
                        bind(alias.asname or alias.name, Binding("from", statement))
            elif isinstance(statement, ast.Global | ast.Nonlocal):
                self.declared.update(statement.names)
            elif isinstance(statement, ast.Match):
                for inner in ast.walk(statement):
                    if isinstance(inner, ast.MatchAs | ast.MatchStar) and inner.name:
                        bind(inner.name, Binding("other", inner))
                    elif isinstance(inner, ast.MatchMapping) and inner.rest:
                        bind(inner.rest, Binding("other", inner))
            elif type(statement).__name__ == "TypeAlias":
                target(statement.name, "other", statement)  # type: ignore[attr-defined]
            if self._walruses:
                for inner in once(statement, "walruses", partial(_walruses, statement)):
                    bind(inner.target.id, Binding("assign", inner.value))


def all_arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from arguments.posonlyargs
    yield from arguments.args
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement of one scope: into blocks, not into definitions."""
    for statement in body:
        yield statement
        if isinstance(statement, FunctionNode | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            if inner:
                yield from statements(inner)
        for handler in getattr(statement, "handlers", ()):
            yield from statements(handler.body)
        for case in getattr(statement, "cases", ()):
            yield from statements(case.body)


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions that stand in `statement` itself, its blocks left out."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem | ast.arguments | ast.keyword):
            yield from (
                inner for inner in ast.iter_child_nodes(child) if isinstance(inner, ast.expr)
            )
        elif isinstance(child, ast.match_case) and child.guard is not None:
            yield child.guard


def holds(root: ast.AST, node: ast.AST | None) -> bool:
    """Whether `node` is a part of `root`, or `root` itself."""
    return any(each is node for each in ast.walk(root))


def reads_free(node: ast.AST, name: str) -> bool:
    """Whether something in `node` reads `name` as one of the scopes around it. A scope inside that
    mentions it in any other way than to read it is taken to bind it."""
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Load)
    inner = isinstance(node, (*_SCOPES, *COMPREHENSIONS))
    if inner and any(_mentions(each, name) for each in ast.walk(node)):
        return False
    return any(reads_free(child, name) for child in children(node))


def _mentions(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    found = (getattr(node, field, None) for field in ("arg", "name", "asname", "rest", "names"))
    return any(each == name or (isinstance(each, list) and name in each) for each in found)


def _walruses(statement: ast.stmt) -> list[ast.NamedExpr]:
    return [
        inner
        for expression in own_expressions(statement)
        for inner in ast.walk(expression)
        if isinstance(inner, ast.NamedExpr)
    ]


def covers(node: ast.AST, line: int) -> bool:
    """Whether `node`, its decorators counted, reaches over `line` (1-based)."""
    start = getattr(node, "lineno", None)
    if start is None:
        return True
    for decorator in getattr(node, "decorator_list", ()):
        start = min(start, decorator.lineno)
    return start <= line <= node.end_lineno  # type: ignore[attr-defined]


def scope_of_line(root: Scope, tops: list[ast.stmt], line: int) -> Scope:
    """The innermost definition whose text reaches over `line`, where no node is to be had.
    `tops` are the statements of the module that may, and count lines as `line` does."""
    scope = root
    nodes: Iterable[ast.AST] = tops
    while True:
        inner = None
        for child in nodes:
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case) and covers(
                child, line
            ):
                inner = child
        if inner is None:
            return scope
        if isinstance(inner, FunctionNode | ast.ClassDef):
            scope = scope.child(inner)
        nodes = children(inner)


def scope_at(root: Scope, tops: list[ast.stmt], hole: ast.AST) -> Scope | None:
    """The scope in which the node `hole`, which stands in one of `tops`, is evaluated."""
    line = getattr(hole, "lineno", 0)
    found = (_scope_within(top, root, hole, line) for top in tops if covers(top, line))
    return next((scope for scope in found if scope is not None), None)


def _scope_within(node: ast.AST, scope: Scope, hole: ast.AST, line: int) -> Scope | None:
    if node is hole:
        return scope
    for field, value in ast.iter_fields(node):
        inner = scope
        if isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda) and (
            field in ("body", "type_params", "returns", "bases", "keywords")
            or (field == "args" and getattr(node, "type_params", ()))
        ):
            if field == "body" or getattr(node, "type_params", ()):
                inner = scope.child(node)
        elif isinstance(node, COMPREHENSIONS):
            inner = scope.child(node)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST) and covers(child, line):
                found = _scope_within(child, inner, hole, line)
                if found is not None:
                    return found
    return None
