"""Analyser: from a buffer and a cursor to facts, on the one analysis thread.

Owns what is asked, in which order, and how long it may take. Nothing of the workspace is
imported or executed: sources are read as text.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
import threading
from collections import OrderedDict
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from tenon.semantics.buffer import Buffer, read_buffer
from tenon.semantics.facts import NOTHING_KNOWN, Facts, MemberSet, ModuleSet, NameSet, Words
from tenon.semantics.index import HOLE, index_of, receiver_text
from tenon.semantics.inquiry import Inquiry, Place, parsed
from tenon.semantics.membership import Membership
from tenon.semantics.outline import Outline
from tenon.semantics.prover import Prover
from tenon.semantics.receivers import Surroundings, surroundings
from tenon.semantics.scopes import Scope, scope_at, scope_of_line
from tenon.semantics.sources import Module, OutOfTime, Sources
from tenon.syntax.context import CursorContext
from tenon.text import Deadline, Document

_ALWAYS = frozenset({
    "__name__", "__file__", "__doc__", "__spec__", "__loader__", "__package__", "__path__",
    "__builtins__", "__annotations__", "__dict__", "__debug__", "__module__", "__qualname__",
    "__class__", "__all__", "__version__", "__author__", "__cached__", "__slots__", "__bases__",
    "_", "__", "reveal_type", "reveal_locals", "get_ipython", "display", "WindowsError",
})  # fmt: skip
"""Names that Python, its shells and its installers provide beside the builtins."""
_PYTHON2 = frozenset({
    "unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reduce", "file", "cmp",
    "execfile", "reload", "buffer", "intern", "apply", "coerce",
})  # fmt: skip
_PYTHON2_TOO = re.compile(r"\bPY[23]\b|\bversion_info\b|\bsix\b|\bNameError\b|\bImportError\b")
"""What code shows that runs under Python 2 as well."""
_ALIASES = frozenset({"np", "pd", "plt", "sns", "tf", "nn", "nx", "sp", "torch", "mpl"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_IMPORTING = re.compile(r"\s*(?:from\s+([.\w]+)\s+import\b|(?:from|import)\s+([.\w, ]*)$)")
_MODULES = 60
"""How many modules are looked at for imports."""
_RECEIVERS = 160
"""How many receivers are looked at for one cursor; the likely ones come first."""


class Analyser:
    """What names and members exist at a cursor. Belongs to one thread; the `Inquiry` of its facts
    may be asked from another.

    Made once a process: the stubs that every buffer needs are read first, in a few tenths of a
    second. `site` is where installed packages lie; by default the workspace's own environment,
    read and never run, or else the one that Tenon itself is installed in.
    """

    def __init__(self, root: Path | None, *, site: tuple[Path, ...] | None = None) -> None:
        self._sources = Sources(root, site)
        self._prover = Prover(self._sources)
        self._membership = Membership(self._prover)
        self._outline = Outline()
        self._importable: Words | None = None
        self._kept: OrderedDict[tuple[str, str, str], Facts] = OrderedDict()
        self._lock = threading.RLock()
        for kind in ("str", "list", "dict"):
            self._membership.of(self._prover.builtin(kind))

    def analyse(self, document: Document, context: CursorContext, deadline: Deadline) -> Facts:
        """Facts at the cursor. Never raises for any text; out of time, those found so far."""
        key = (document.uri, context.prefix, context.suffix)
        kept = self._kept.get(key)
        patient = math.isinf(deadline.at)
        if kept is not None and not kept.late and (not patient or _patient(kept)):
            return kept
        if document.language != "python":
            return NOTHING_KNOWN
        try:
            with self._lock:
                facts = self._analyse(document, context, deadline)
        except OutOfTime:
            return Facts(names=NameSet(reason="time was up"), late=True)
        except RecursionError:
            return Facts(names=NameSet(reason="the buffer nests too deeply"))
        self._kept[key] = facts
        while len(self._kept) > 16:
            self._kept.popitem(last=False)
        return facts

    def _analyse(self, document: Document, context: CursorContext, deadline: Deadline) -> Facts:
        buffer = read_buffer(context.prefix, context.suffix, self._outline)
        if buffer is None:
            return Facts(names=NameSet(reason="the buffer could not be understood"))
        if deadline.passed:
            raise OutOfTime
        self._sources.begin()
        self._prover.refresh()
        self._sources.deadline = deadline
        module = self._module(document, buffer)
        row = context.prefix.count("\n") + 1
        scope = None
        if buffer.hole is not None:
            scope = scope_at(module.scope, buffer.hole)
        if scope is None:
            scope = scope_of_line(module.scope, row)
        line = getattr(buffer.hole, "lineno", row)
        around = surroundings(module, line)
        place = Place(
            prover=self._prover,
            membership=self._membership,
            scope=scope,
            around=around,
            hole=buffer.hole,
        )
        names = self._names(buffer, scope, around)
        members, late = self._members(buffer, place, deadline)
        modules: dict[str, ModuleSet] = {}
        if not late and not around.expected & _IMPORT_ERRORS:
            try:
                modules = self._modules(module, context)
            except OutOfTime:
                late = True
        return Facts(
            names=names,
            members=MappingProxyType(members),
            modules=MappingProxyType(modules),
            inquiry=Inquiry(
                place, self._lock, self._receiver, patient=math.isinf(deadline.at)
            ),
            late=late,
        )

    def _module(self, document: Document, buffer: Buffer) -> Module:
        path = path_of(document.uri)
        name = self._sources.name_of(path) if path is not None else "__main__"
        is_stub = path is not None and path.suffix == ".pyi"
        return Module(name=name, path=path, text=buffer.text, tree=buffer.tree, is_stub=is_stub)

    # Names.

    def _names(self, buffer: Buffer, scope: Scope, around: Surroundings) -> NameSet:
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
            names.update(name for name in stub.scope.bindings if not name.startswith("_"))
        return NameSet(
            words=Words(name for name in names if HOLE not in name),
            importable=self._modules_to_import(),
            complete=True,
            reason="every enclosing scope, the builtins and star imports were read",
        )

    def _modules_to_import(self) -> Words:
        if self._importable is None:
            self._importable = Words(self._sources.top_level() | _ALIASES)
        return self._importable

    # Imports.

    def _modules(self, module: Module, context: CursorContext) -> dict[str, ModuleSet]:
        """What the modules offer that the statement at the cursor and the buffer import from."""
        wanted = dict.fromkeys(_mentioned(context))
        for statement in module.tree.body:
            if isinstance(statement, ast.ImportFrom):
                wanted["." * statement.level + (statement.module or "")] = None
            elif isinstance(statement, ast.Import):
                wanted.update(dict.fromkeys(alias.name for alias in statement.names))
        found: dict[str, ModuleSet] = {}
        for name in list(wanted)[:_MODULES]:
            level = len(name) - len(name.lstrip("."))
            node = ast.ImportFrom(module=name[level:] or None, names=[], level=level)
            # A name that holds the mark, or leads above the top, resolves to nothing.
            resolved = self._prover.imported(module, node)
            if resolved is not None:
                found[name] = self._membership.offered(name, resolved)
        return found

    # Members.

    def _members(
        self, buffer: Buffer, place: Place, deadline: Deadline
    ) -> tuple[dict[str, MemberSet], bool]:
        if "AttributeError" in place.around.expected:
            return {}, False
        found: dict[str, MemberSet] = {}
        waiting = list(self._receivers(buffer, place.scope, place.around))
        for text in dict.fromkeys(waiting[:_RECEIVERS]):
            if deadline.passed:
                return found, True
            try:
                found[text] = self._receiver(place, text)
            except OutOfTime:
                return found, True
            except RecursionError:
                continue
        return found, False

    def _receivers(self, buffer: Buffer, scope: Scope, around: Surroundings) -> list[str]:
        """Receiver texts, the likeliest first."""
        found: list[str] = []
        if isinstance(buffer.hole, ast.Attribute):
            text = receiver_text(buffer.hole.value)
            if text:
                found.append(text)
        found.append("''")
        found.extend(around.index.reads)
        info = self._prover.enclosing_class(scope)
        if info is not None:
            found.append("self")
            found.extend(f"self.{name}" for name in self._prover.stores(info))
        for each in scope.chain():
            for name, bindings in each.bindings.items():
                if HOLE in name or "." in name:
                    continue
                found.append(name)
                if bindings[0].kind == "class":
                    found.append(f"{name}()")
        return found

    def _receiver(self, place: Place, text: str) -> MemberSet:
        scope, around = place.scope, place.around
        if "AttributeError" in around.expected:
            return MemberSet(owner=text, reason="an AttributeError is expected here")
        node = parsed(text)
        if node is None:
            return MemberSet(owner=text, reason="it was not understood")
        guard = around.guarded(text)
        if guard:
            return MemberSet(owner=text, reason=f"'{guard}' is asked what it is here")
        value = self._prover.expression(node, scope)
        known = self._membership.of(value)
        if not known.complete:
            return known
        written = around.index.writes.get(text, set()) | around.index.named
        for name in sorted(around.index.reads.get(text, ())):
            if name in known.words or name in written or name.startswith("__"):
                continue
            if known.private or not name.startswith("_"):
                reason = f"the buffer itself asks for {text}.{name}"
                return MemberSet(owner=known.owner, reason=reason)
        if written - known.words.names:
            return MemberSet(
                owner=known.owner,
                words=Words(known.words.names | written),
                complete=True,
                reason=known.reason,
                private=known.private,
                fixed=known.fixed,
            )
        return known


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


def _mentioned(context: CursorContext) -> list[str]:
    """Modules that the statement at the cursor names before it, whole or up to a dot."""
    if context.frame is None:
        return []
    opening = context.frame.opening
    match = _IMPORTING.match(opening[len(opening) - context.frame.statement :])
    if match is None:
        return []
    if match.group(1):
        return [match.group(1)]
    path = match.group(2).rpartition(",")[2].strip()
    head, dot, _ = path.rpartition(".")
    if not head.strip("."):
        return [head + dot] if dot else []
    return [head]


def _patient(facts: Facts) -> bool:
    return facts.inquiry is None or facts.inquiry.patient


def path_of(uri: str) -> Path | None:
    """The file an URI names; None for one that names none."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        path = Path(url2pathname(unquote(parts.path)))
    elif not parts.scheme:
        path = Path(uri)
    else:
        return None
    return path if path.is_absolute() else None
