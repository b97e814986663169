"""Sections: what a stretch of a module says that matters to the module as a whole.

Owns the facts that can be gathered from some statements alone and put together with those of the
others: names bound, attributes set, tricks played. A buffer has many sections, of which an edit
changes one; the text of another module is a single one. Knows no files and no types.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property

from tenon.semantics.index import Index, index_of, receiver_text
from tenon.semantics.scopes import Bindings, FunctionNode, bindings_of, statements

_MARKS = ("exec", "globals", "vars", "locals", "extend_path", "declare_namespace", "modules",
    "lazy_")  # fmt: skip
_MOVING = ("extend_path", "declare_namespace", "sys.modules", "__path__", "meta_path")
"""What code shows that has modules elsewhere than where their names say."""
_MAKING = ("type", "new_class")
_NAME_TRICKS = frozenset({"exec", "globals", "vars", "locals", "extend_path", "sys.modules",
    "declare_namespace"})  # fmt: skip
_REPLACING = re.compile(
    r"\b_?(?:(?:magic|async|noncallable)*mock(?:er|ed)?|monkeypatch|patch(?:e[drs]|ers)?)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
"""What code shows that puts other things in the place of functions."""
_PYTHON2_TOO = re.compile(r"\bPY[23]\b|\bversion_info\b|\bsix\b|\bNameError\b|\bImportError\b")
"""What code shows that runs under Python 2 as well."""
_INTERACTIVE = re.compile(
    r"\bIPython\b|\bget_ipython\b|(?<![.\w])display\(|^#\s*(?:%%|In ?\[|COMMAND -)", re.MULTILINE
)
"""What notebooks show that are kept as plain text."""
_WITH_NONE = re.compile(r"\b(?:None|Optional|Any|object)\b")
TRANSLATING = frozenset({"_", "__", "N_", "ngettext"})
"""Names that gettext puts among the builtins, where it is told to."""
_LASTING = frozenset({"import", "from", "def", "class"})
"""Bindings of names that keep one meaning: no comprehension among 400 took such a name."""


class Section:
    """Some statements of a module's top level that stand together."""

    def __init__(self, body: list[ast.stmt], text: str, *, is_stub: bool = False) -> None:
        self.body = body
        self._is_stub = is_stub
        # Looking for a word is a hundred times cheaper than walking a tree for it.
        self._tricky = any(mark in text for mark in _MARKS)
        self.moving = any(mark in text for mark in _MOVING)
        self._speaking = is_translated(text)
        self._declaring = "global" in text
        self._making = any(mark in text for mark in _MAKING)
        self.walruses = ":=" in text and not is_stub
        self.replacing = replaces(text)
        self.python2 = runs_under_python2(text)
        self.interactive = is_interactive(text)

    @property
    def _indices(self) -> list[Index]:
        # Stubs set nothing, and play no tricks.
        return [] if self._is_stub else [index_of(statement) for statement in self.body]

    @cached_property
    def bound(self) -> Bindings:
        """The names that it binds, those apart that functions declare global."""
        return bindings_of(self.body, walruses=self.walruses)

    @cached_property
    def variables(self) -> frozenset[str]:
        """Of these, the ones that are bound as variables are."""
        return variables_of(self.bound.names)

    @cached_property
    def dynamic(self) -> bool:
        """It may change the module's names in a way that its text does not show."""
        return self._tricky and any(
            trick in _NAME_TRICKS or trick.startswith("lazy_")
            for index in self._indices
            for trick in index.tricks
        )

    @cached_property
    def trick(self) -> str:
        """What it does that may bind names no scope shows; "" for nothing."""
        for index in self._indices:
            for trick in ("exec", "globals"):
                if trick in index.tricks:
                    return f"{trick}()"
            if "__builtins__" in index.roots:
                return "__builtins__"
            if "builtins" in index.writes or "sys.modules[]" in index.set_by_name:
                return "a change of builtins"
        return ""

    @cached_property
    def translating(self) -> frozenset[str]:
        """Those of gettext's names that it calls, or may have."""
        if self._speaking:
            return TRANSLATING
        return frozenset().union(*(TRANSLATING & index.calls.keys() for index in self._indices))

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names that functions declare global."""
        if not self._declaring:
            return frozenset()
        return frozenset(name for index in self._indices for name in index.declared)

    @cached_property
    def implies_none(self) -> bool:
        """Whether a parameter that is declared as something else is None by default."""
        return any(
            isinstance(node, FunctionNode) and _implies_none(node.args)
            for statement in self.body
            for node in ast.walk(statement)
        )

    @cached_property
    def makes_classes(self) -> bool:
        """It calls `type` with bases: any class may be combined with others."""
        return self._making and any(index.makes_classes for index in self._indices)

    @cached_property
    def mixed(self) -> frozenset[str]:
        """Classes that it combines with others, in a list of bases."""
        return frozenset(
            base.id
            for statement in statements(self.body)
            if isinstance(statement, ast.ClassDef) and len(statement.bases) > 1
            for base in statement.bases
            if isinstance(base, ast.Name)
        )

    @cached_property
    def stored(self) -> frozenset[str]:
        """Attribute names that are set on anything but `self` and `cls`, anywhere in it."""
        return frozenset(name for index in self._indices for name in index.stored)

    @cached_property
    def patched(self) -> frozenset[str]:
        """The last names of what tests put something else in the place of."""
        return frozenset(name for index in self._indices for name in index.patched)

    @cached_property
    def called(self) -> frozenset[str]:
        """The texts of what it calls."""
        return frozenset(text for index in self._indices for text in index.calls)

    @cached_property
    def imports(self) -> tuple[ast.Import | ast.ImportFrom, ...]:
        """Its import statements, those in blocks left out."""
        return tuple(each for each in self.body if isinstance(each, ast.Import | ast.ImportFrom))

    @cached_property
    def classes(self) -> tuple[ast.ClassDef, ...]:
        """Its classes, those in blocks left out."""
        return tuple(each for each in self.body if isinstance(each, ast.ClassDef))

    @cached_property
    def brought(self) -> tuple[str, ...]:
        """The names that imports bind."""
        return tuple(
            name
            for name, bindings in self.bound.names.items()
            if any(each.kind in ("import", "from") for each in bindings)
        )

    @cached_property
    def deriving(self) -> dict[str, list[ast.ClassDef]]:
        """The classes that it binds, by the text of each class they derive from; by "" those that
        derive from none."""
        found: dict[str, list[ast.ClassDef]] = {}
        for bindings in self.bound.names.values():
            for each in bindings:
                if isinstance(each.node, ast.ClassDef):
                    for text in dict.fromkeys(map(base_text, each.node.bases)) or ("",):
                        found.setdefault(text, []).append(each.node)
        return found


def base_text(base: ast.expr) -> str:
    """What a class says it derives from, without what it puts in for type variables."""
    return receiver_text(base.value if isinstance(base, ast.Subscript) else base)


def _implies_none(arguments: ast.arguments) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    return any(
        isinstance(default, ast.Constant)
        and default.value is None
        and argument.annotation is not None
        and _WITH_NONE.search(ast.unparse(argument.annotation)) is None
        for argument, default in (
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        )
    )


def replaces(text: str) -> bool:
    """Whether functions may have been replaced by other things, as in tests."""
    return _REPLACING.search(text) is not None


def runs_under_python2(text: str) -> bool:
    """Whether it seems to run under Python 2 as well."""
    return _PYTHON2_TOO.search(text) is not None


def is_interactive(text: str) -> bool:
    """Whether it is run by a shell that gives it names of its own."""
    return _INTERACTIVE.search(text) is not None


def is_translated(text: str) -> bool:
    """Whether it has to do with translations."""
    return "gettext" in text or "translation" in text


def variables_of(names: dict[str, list]) -> frozenset[str]:
    """The names that are bound as variables are, and that a comprehension may bind anew."""
    return frozenset(
        name
        for name, bindings in names.items()
        if any(binding.kind not in _LASTING for binding in bindings)
    )
