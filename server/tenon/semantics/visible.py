"""Visible: which names exist at a cursor, and why that cannot always be said.

Owns what Python and its habits provide beside the scopes, and what a function binds too late.
"""

from __future__ import annotations

import ast
import builtins
import re

from tenon.semantics.buffer import Buffer
from tenon.semantics.facts import NameSet, Words
from tenon.semantics.importables import Home, Importables
from tenon.semantics.index import HOLE, index_of
from tenon.semantics.membership import Membership
from tenon.semantics.prover import Prover
from tenon.semantics.receivers import Surroundings
from tenon.semantics.scopes import FunctionNode, Scope, covers, statements
from tenon.semantics.sources import Module

_ALWAYS = frozenset({
    "__name__", "__file__", "__doc__", "__spec__", "__loader__", "__package__", "__path__",
    "__builtins__", "__annotations__", "__dict__", "__debug__", "__module__", "__qualname__",
    "__class__", "__cached__", "reveal_type", "reveal_locals", "get_ipython", "display",
    "WindowsError",
})  # fmt: skip
"""Names that Python, its shells and its installers provide beside the builtins."""
_TRANSLATING = frozenset({"_", "__", "N_", "ngettext"})
"""Names that gettext puts among the builtins, where it is told to."""
_PYTHON2 = frozenset({
    "unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reduce", "file", "cmp",
    "execfile", "reload", "buffer", "intern", "apply", "coerce",
})  # fmt: skip
_PYTHON2_TOO = re.compile(r"\bPY[23]\b|\bversion_info\b|\bsix\b|\bNameError\b|\bImportError\b")
"""What code shows that runs under Python 2 as well."""
_LASTING = frozenset({"import", "from", "def", "class"})
"""Bindings of names that keep one meaning: no comprehension among 400 took such a name."""


class Visible:
    """Names over one prover. One thread uses it."""

    def __init__(
        self, prover: Prover, membership: Membership, importables: Importables
    ) -> None:
        self._prover = prover
        self._sources = prover.sources
        self._membership = membership
        self._importables = importables
        self._modules_known: tuple[Words, Words] | None = None

    def names(
        self, buffer: Buffer, scope: Scope, around: Surroundings, row: int
    ) -> NameSet:
        """What may be read at `scope`, on line `row` (1-based) of `buffer`."""
        if "NameError" in around.expected:
            return NameSet(reason="a NameError is expected here")
        if not buffer.imports_whole:
            return NameSet(reason="an import is half-written: what it will bind is not known")
        trick = _trick(scope.module)
        if trick:
            return NameSet(reason=f"{trick} may bind names by their text")
        names: set[str] = set(_ALWAYS | buffer.loose)
        if _PYTHON2_TOO.search(buffer.text):
            names |= _PYTHON2
        for statement in scope.module.tree.body:
            names |= _TRANSLATING & index_of(statement).roots
        names.update(dir(builtins))
        # Importing a submodule binds its name in the package.
        names.update(self._sources.submodules(scope.module))
        for each in scope.chain():
            names.update(each.bindings)
            for star in each.stars:
                module = self._prover.imported(scope.module, star)
                found = self._membership.exported(module) if module is not None else None
                if found is None:
                    return NameSet(reason=f"'from {star.module or '.'} import *' was not resolved")
                names |= found
        stub = self._sources.module("builtins")
        if stub is not None:
            names.update(
                name
                for name, bindings in stub.scope.bindings.items()
                if not name.startswith("_") and bindings[0].kind not in ("import", "from")
            )
        later = _bound_later(scope, row) - buffer.loose
        return NameSet(
            words=Words(name for name in names - later if HOLE not in name),
            later=Words(later),
            importable=self._modules_to_import(),
            imports=self._importables.known(_home(scope.module)),
            complete=True,
            reason="every enclosing scope, the builtins and star imports were read",
        )

    def _modules_to_import(self) -> Words:
        """Names that stand for a module where a dot follows."""
        gathered = self._importables.modules
        if self._modules_known is None or self._modules_known[0] is not gathered:
            names = Words(self._sources.top_level() | gathered.names)
            self._modules_known = gathered, names
        return self._modules_known[1]


def _bound_later(scope: Scope, row: int) -> set[str]:
    """Names of the function at the cursor that it binds only behind it, by every binding: reading
    one there raises `UnboundLocalError`. A loop round the cursor may come round again."""
    function = scope.node
    if not isinstance(function, FunctionNode):
        return set()
    last = row
    for statement in statements(function.body):
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While) and covers(statement, row):
            last = max(last, statement.end_lineno or row)
        elif covers(statement, row) and not hasattr(statement, "body"):
            # What the statement at the cursor binds is not judged by where its parts stand.
            last = max(last, statement.end_lineno or row)
    return {
        name
        for name, bindings in scope.bindings.items()
        if all(getattr(each.node, "lineno", 0) > last for each in bindings)
    }


def variables(scope: Scope) -> frozenset[str]:
    """Names that are bound as variables are, and that a comprehension may bind anew."""
    found: set[str] = set()
    for each in scope.chain():
        for name, bindings in each.bindings.items():
            if any(binding.kind not in _LASTING for binding in bindings):
                found.add(name)
    # Whatever they are bound by, nobody calls anything else by these names.
    return frozenset(found - {"self", "cls"})


def _home(module: Module) -> Home:
    """The buffer, as one that imports."""
    dots = [
        statement.level for statement in module.tree.body if isinstance(statement, ast.ImportFrom)
    ]
    return Home(module=module.name, package=module.package, dots=max(dots, default=0))


def _trick(module: Module) -> str:
    """What the buffer does that may bind names no scope shows; "" for nothing."""
    for statement in module.tree.body:
        index = index_of(statement)
        for trick in ("exec", "globals"):
            if trick in index.tricks:
                return f"{trick}()"
        if "__builtins__" in index.roots:
            return "__builtins__"
        if "builtins" in index.writes or "sys.modules[]" in index.set_by_name:
            return "a change of builtins"
    return ""
