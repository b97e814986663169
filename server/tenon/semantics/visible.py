"""Visible: which names exist at a cursor, and why that cannot always be said.

Owns what Python and its habits provide beside the scopes, and what a function binds too late.
"""

from __future__ import annotations

import ast
import builtins

from tenon.semantics.buffer import Buffer
from tenon.semantics.facts import NameSet, Words
from tenon.semantics.importables import Home, Importables
from tenon.semantics.index import index_of
from tenon.semantics.membership import Membership
from tenon.semantics.prover import Prover
from tenon.semantics.reaching import bound_before
from tenon.semantics.receivers import Surroundings
from tenon.semantics.scopes import (
    FunctionNode,
    Scope,
    all_arguments,
    covers,
    holds,
    own_expressions,
    reads_free,
    statements,
)
from tenon.semantics.sections import (
    TRANSLATING,
    is_interactive,
    is_translated,
    runs_under_python2,
    variables_of,
)
from tenon.semantics.sources import Module

_ALWAYS = frozenset({
    "__name__", "__file__", "__doc__", "__spec__", "__loader__", "__package__", "__path__",
    "__builtins__", "__annotations__", "__dict__", "__debug__", "__module__", "__qualname__",
    "__class__", "__cached__", "reveal_type", "reveal_locals", "WindowsError",
})  # fmt: skip
"""Names that Python and its installers provide beside the builtins."""
_INTERACTIVE = frozenset({"get_ipython", "display"})
"""Those that its shells provide."""
_PYTHON2 = frozenset({
    "unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reduce", "file", "cmp",
    "execfile", "reload", "buffer", "intern", "apply", "coerce",
})  # fmt: skip


class Visible:
    """Names over one prover. One thread uses it."""

    def __init__(
        self, prover: Prover, membership: Membership, importables: Importables
    ) -> None:
        self._prover = prover
        self._sources = prover.sources
        self._membership = membership
        self._importables = importables
        self._words = Words()
        self._modules_known: tuple[Words, Words] | None = None

    def names(self, buffer: Buffer, scope: Scope, around: Surroundings) -> NameSet:
        """What may be read at `scope`, where the cursor of `buffer` is."""
        if "NameError" in around.expected:
            return NameSet(reason="a NameError is expected here")
        sections = scope.module.sections
        trick = next((section.trick for section in sections if section.trick), "")
        if trick:
            return NameSet(reason=f"{trick} may bind names by their text")
        names: set[str] = set(_ALWAYS)
        if runs_under_python2(buffer.cut) or any(section.python2 for section in sections):
            names |= _PYTHON2
        if is_interactive(buffer.cut) or any(section.interactive for section in sections):
            names |= _INTERACTIVE
        if is_translated(buffer.cut):
            names |= TRANSLATING
        for section in sections:
            names |= section.translating
        names.update(dir(builtins))
        # Importing a submodule binds its name in the package.
        names.update(self._sources.submodules(scope.module))
        given = set(names)
        for each in scope.chain():
            names.update(each.bindings)
            for star in each.stars:
                module = self._prover.imported(scope.module, star)
                found = self._membership.exported(module) if module is not None else None
                if found is None:
                    return NameSet(reason=f"'from {star.module or '.'} import *' was not resolved")
                names |= found
                given |= found
        stub = self._sources.module("builtins")
        if stub is not None:
            names.update(
                name
                for name, bindings in stub.scope.bindings.items()
                if not name.startswith("_") and bindings[0].kind not in ("import", "from")
            )
        held = buffer.held - names
        names |= buffer.loose
        ahead = buffer.ahead - names
        behind = buffer.behind - names - ahead
        names |= behind
        later = _bound_later(scope, buffer) - buffer.loose
        names -= later
        names.difference_update(buffer.marked)
        elsewhere = _bound_elsewhere(scope, buffer) - buffer.loose - later
        own = _bound_by_itself(scope, buffer) - given - buffer.loose
        names -= own
        later -= own
        elsewhere |= own
        if scope.kind == "module":
            elsewhere -= given
        return NameSet(
            words=self._kept(names),
            later=Words(later),
            elsewhere=Words(elsewhere),
            ahead=Words(ahead),
            behind=Words(behind),
            held=frozenset(held),
            importable=self._modules_to_import(),
            imports=self._importables.known(_home(scope.module)),
            awaited=self._awaited(scope, buffer, given),
            complete=True,
            reason="every enclosing scope, the builtins and star imports were read",
        )

    def _awaited(self, scope: Scope, buffer: Buffer, given: set[str]) -> frozenset[str]:
        """What other lines read and only the cursor's own line could bind; `given` is there without
        any binding."""
        here = [top for top in buffer.tops if covers(top, buffer.line)]
        names = buffer.binding - given - buffer.loose
        if not names:
            return frozenset()
        if getattr(scope.node, "lineno", None) == buffer.line and scope.parent is not None:
            # The cursor is in the name of a definition.
            scope = scope.parent
        own = {id(node) for top in here for node in ast.walk(top) if _is_on(node, buffer.line)}
        if scope.kind == "class":
            return frozenset(name for name in names if self._is_lacking(scope, name, own))
        if scope.kind != "module" or any(hasattr(top, "orelse") for top in here):
            return frozenset()
        others = [each for each in scope.module.tree.body if id(each) not in own]
        return frozenset(
            name
            for name in names
            if all(id(each.node) in own for each in scope.bindings.get(name, ()))
            and any(name in index_of(each).roots and reads_free(each, name) for each in others)
        )

    def _is_lacking(self, scope: Scope, name: str, own: set[int]) -> bool:
        """Whether the class itself asks `self` for `name`, and only nodes in `own` give it that."""
        cls = self._prover.enclosing_class(scope)
        mro = self._prover.mro(cls) if cls is not None else None
        if cls is None or mro is None or name not in index_of(cls.node).reads.get("self", ()):
            return False
        if "mixin" in cls.name.lower() or cls.name in cls.module.mixed:
            return False
        return not any(
            name in self._prover.stores(each)
            or (each.module.is_stub and name.startswith("_"))
            or any(id(binding.node) not in own for binding in each.scope.bindings.get(name, ()))
            or not {"__getattr__", "__getattribute__"}.isdisjoint(each.scope.bindings)
            for each, _ in mro
            if each.full_name != "builtins.object"
        )

    def _kept(self, names: set[str]) -> Words:
        """The words of the last cursor where they are the same: they need not be sorted anew."""
        if self._words.names != names:
            self._words = Words(names)
        return self._words

    def _modules_to_import(self) -> Words:
        """Names that stand for a module where a dot follows."""
        gathered = self._importables.modules
        if self._modules_known is None or self._modules_known[0] is not gathered:
            names = Words(self._sources.top_level() | gathered.names)
            self._modules_known = gathered, names
        return self._modules_known[1]


def _bound_later(scope: Scope, buffer: Buffer) -> set[str]:
    """Names of the function at the cursor that it binds only behind it, by every binding: reading
    one there raises `UnboundLocalError`. A loop round the cursor may come round again."""
    function, row = scope.node, buffer.line
    if not isinstance(function, FunctionNode):
        return set()
    last = row
    own: list[ast.AST] = []
    looped = False
    for statement in statements(function.body):
        if not covers(statement, row):
            continue
        found = _bound_last(statement, buffer.hole)
        if found:
            own, last = found[1:], max(last, getattr(found[0], "end_lineno", row))
        elif isinstance(statement, ast.For | ast.AsyncFor | ast.While):
            looped, last = True, max(last, statement.end_lineno or row)
        if not hasattr(statement, "body"):
            # What the statement at the cursor binds is not judged by where its parts stand.
            last = max(last, statement.end_lineno or row)
    return {
        name
        for name, bindings in scope.bindings.items()
        if all(
            getattr(each.node, "lineno", 0) > last or (not looped and each.node in own)
            for each in bindings
        )
    }


def _bound_elsewhere(scope: Scope, buffer: Buffer) -> set[str]:
    """Names that the function or module at the cursor binds, but not on any way that leads to it.
    A line that follows the cursor's own may stand where such ways meet."""
    node, row = scope.node, buffer.line
    if isinstance(node, FunctionNode):
        given = {each.name for each in getattr(node, "type_params", ())}
        reached = bound_before(node.body, row, buffer.hole)
    elif scope.kind == "module":
        given = set(scope.module.declared) | buffer.bound_above
        reached = bound_before(buffer.tops, row, buffer.hole)
    else:
        return set()
    if reached is None:
        return set()
    return {
        name
        for name, bindings in scope.bindings.items()
        if name not in reached and name not in given and bindings[0].kind != "param"
    }


def _bound_last(statement: ast.stmt, hole: ast.AST | None) -> list[ast.AST]:
    """What explains those bindings of `statement` that are made only once the expression with the
    mark in it has been evaluated, and that expression before them; nothing where it has none."""
    read: list[ast.expr | None] = []
    own: ast.AST | None = None
    if isinstance(statement, ast.Assign):
        read = [statement.value]
    elif isinstance(statement, ast.AnnAssign):
        read, own = [statement.value, statement.annotation], statement
    elif isinstance(statement, ast.For | ast.AsyncFor):
        read = [statement.iter]
    elif isinstance(statement, ast.With | ast.AsyncWith):
        read = [item.context_expr for item in statement.items]
    elif isinstance(statement, FunctionNode | ast.ClassDef):
        read, own = list(own_expressions(statement)), statement
        if isinstance(statement, FunctionNode):
            arguments = all_arguments(statement.args)
            read += [each.annotation for each in arguments]
    for index, expression in enumerate(read):
        if expression is not None and holds(expression, hole):
            if own is not None:
                return [expression, own]
            return [expression, *(each for each in read[index:] if each is not None)]
    return []


def _is_on(node: ast.AST, line: int) -> bool:
    return getattr(node, "lineno", None) == line


def _bound_by_itself(scope: Scope, buffer: Buffer) -> set[str]:
    """Names that nothing but the header or the declaration at the cursor binds, which stands where
    it reads them: no order in which it all may run makes these of any use."""
    body = buffer.tops if scope.kind == "module" else getattr(scope.node, "body", ())
    if not isinstance(body, list):
        return set()
    for statement in statements(body):
        if not isinstance(statement, FunctionNode | ast.ClassDef | ast.AnnAssign):
            continue
        if not covers(statement, buffer.line):
            continue
        found = _bound_last(statement, buffer.hole)
        if not found or (isinstance(statement, ast.AnnAssign) and found[0] is statement.value):
            continue
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement
        name = target.id if isinstance(target, ast.Name) else getattr(target, "name", "")
        outer = any(name in each.bindings for each in scope.chain() if each is not scope)
        bindings = scope.bindings.get(name, ())
        if bindings and not outer and all(each.node is statement for each in bindings):
            return {name}
    return set()


def variables(scope: Scope) -> frozenset[str]:
    """Names that are bound as variables are, and that a comprehension may bind anew."""
    found: set[str] = set(scope.module.declared)
    for each in scope.chain():
        if each.kind != "module":
            found |= variables_of(each.bindings)
    for section in scope.module.sections:
        found |= section.variables
    # Whatever they are bound by, nobody calls anything else by these names.
    return frozenset(found - {"self", "cls"})


def _home(module: Module) -> Home:
    """The buffer, as one that imports."""
    dots = [each.level for each in module.imports if isinstance(each, ast.ImportFrom)]
    return Home(module=module.name, package=module.package, dots=max(dots, default=0))
