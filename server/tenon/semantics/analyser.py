"""Analyser: from a buffer and a cursor to facts, on the one analysis thread.

Owns what is asked, in which order, and how long it may take. Nothing of the workspace is
imported or executed: sources are read as text.
"""

from __future__ import annotations

import ast
import math
import re
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from tenon.semantics.buffer import Buffer, read_buffer
from tenon.semantics.descent import provable
from tenon.semantics.environment import Environment
from tenon.semantics.facts import NOTHING_KNOWN, Facts, MemberSet, ModuleSet, NameSet, Words
from tenon.semantics.importables import Importables
from tenon.semantics.index import HOLE, Index, receiver_text
from tenon.semantics.inquiry import Inquiry, Place, parsed
from tenon.semantics.interpreter import Interpreter, interpreter
from tenon.semantics.membership import Membership
from tenon.semantics.order import awaiting
from tenon.semantics.outline import Outlines
from tenon.semantics.prover import Prover
from tenon.semantics.receivers import Surroundings, surroundings
from tenon.semantics.scopes import Scope, scope_at, scope_of_line
from tenon.semantics.sections import replaces
from tenon.semantics.sources import Module, OutOfTime, Sources
from tenon.semantics.types import Function, NoneValue, Type, Unknown, parts_of, union
from tenon.semantics.visible import Visible, variables
from tenon.syntax.context import CursorContext
from tenon.text import Deadline, Document, file_path

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_IMPORTING = re.compile(r"\s*(?:from\s+([.\w]+)\s+import\b|(?:from|import)\s+([.\w, ]*)$)")
_ASKED = re.compile(r"\b(?:isinstance|issubclass|hasattr|callable|type)\(\s*([\w.]+)")
"""What lines that could not be read ask for the type of."""
_MODULES = 60
"""How many modules are looked at for imports."""
_AT_ONCE = 0.01
"""Seconds for receivers beside the first; the rest are looked up later, or when asked for."""
_KEPT, _KEPT_TEXT = 12, 2_000_000
"""Analyses that are kept, and characters of their buffers; the oldest go first."""
_PROVED = 8
"""How many receivers are asked beforehand what they may turn out to be."""
_RECEIVERS = 80
"""How many receivers are looked at for one cursor; the likely ones come first."""


class Analyser:
    """What names and members exist at a cursor. Belongs to one thread; the `Inquiry` of its facts
    may be asked from another.

    Made once a process: the stubs that every buffer needs are read first, in a few tenths of a
    second. Installed packages are those of `environment`, or of the one that `interpreter`
    finds where that is None; they are read and never run.
    """

    def __init__(self, root: Path | None, *, environment: Interpreter | None = None) -> None:
        self.interpreter = environment or interpreter(root)
        site = self.interpreter.packages
        self._sources = Sources(root, site)
        self._prover = Prover(self._sources)
        self._membership = Membership(self._prover)
        self._outlines = Outlines()
        self._importables = Importables(root, site)
        self._environment = Environment(root, self._sources.roots, site)
        self._visible = Visible(self._prover, self._membership, self._importables)
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
            # What could be imported may have been learnt meanwhile.
            if not kept.names.complete or kept.names.imports.words is self._importables.words:
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
        self._keep(key, facts)
        return facts

    def _keep(self, key: tuple[str, str, str], facts: Facts) -> None:
        self._kept.pop(key, None)
        self._kept[key] = facts
        while len(self._kept) > 1 and (
            len(self._kept) > _KEPT or sum(len(p) + len(s) for _, p, s in self._kept) > _KEPT_TEXT
        ):
            self._kept.popitem(last=False)

    def forget(self, uri: str) -> None:
        """The document was closed: nothing of it is kept."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == uri]:
                del self._kept[key]
            self._outlines.forget(uri)

    def look_ahead(self, seconds: float) -> bool:
        """Go on with what the last analysis left for later; True once nothing is left."""
        latest = next(reversed(self._kept.values()), None)
        if latest is not None and latest.inquiry is not None:
            if not latest.inquiry.look_ahead(seconds):
                return False
        with self._lock:
            return self._sources.slim(Deadline.after(seconds))

    def learn(self, deadline: Deadline) -> bool:
        """Go on gathering what could be imported; True once everything has been looked at."""
        return self._importables.learn(deadline)

    def _analyse(self, document: Document, context: CursorContext, deadline: Deadline) -> Facts:
        outline = self._outlines.of(document.uri)
        buffer = read_buffer(context.prefix, context.suffix, outline)
        if buffer is None:
            return Facts(names=NameSet(reason="the buffer could not be understood"))
        if deadline.passed:
            raise OutOfTime
        if math.isinf(deadline.at) and not self._importables.complete:
            self._importables.learn(deadline)
        self._sources.begin()
        self._prover.refresh()
        self._sources.deadline = deadline
        module = self._module(document, buffer)
        scope = None
        if buffer.hole is not None:
            scope = scope_at(module.scope, buffer.tops, buffer.hole)
        if scope is None:
            scope = scope_of_line(module.scope, buffer.tops, buffer.line)
        around = surroundings(buffer.tops, buffer.line)
        replaced = replaces(buffer.cut) or any(each.replacing for each in module.sections)
        names = self._visible.names(buffer, scope, around)
        place = Place(
            prover=self._prover,
            membership=self._membership,
            scope=scope,
            around=around,
            hole=buffer.hole,
            cut=buffer.cut,
            replaced=replaced,
            names=names,
            awaiting=awaiting(buffer.tops, buffer.hole, scope),
        )
        place.enter()
        patient = math.isinf(deadline.at)
        receivers = islice(self._receivers(buffer, scope, around), _RECEIVERS)
        likely = deque(dict.fromkeys(receivers))
        members, late = self._members(place, likely, patient=patient)
        modules: dict[str, ModuleSet] = {}
        if not late and not around.expected & _IMPORT_ERRORS:
            try:
                modules = self._modules(place, context)
            except OutOfTime:
                late = True
        return Facts(
            names=names,
            members=MappingProxyType(members),
            modules=MappingProxyType(modules),
            variables=variables(scope),
            parameters=frozenset(scope.bindings if scope.kind == "lambda" else ()),
            inquiry=Inquiry(
                place,
                self._lock,
                self._receiver,
                self._asked_module,
                self._provable,
                patient=patient,
                likely=likely,
                proved=self._proved(place, members),
            ),
            late=late,
        )

    def _module(self, document: Document, buffer: Buffer) -> Module:
        path = file_path(document.uri)
        name = self._sources.name_of(path) if path is not None else "__main__"
        is_stub = path is not None and path.suffix == ".pyi"
        parsed = buffer.parsed
        return Module(
            name=name, path=path, tree=parsed.tree, sections=parsed.sections, is_stub=is_stub
        )

    # Imports.

    def _modules(self, place: Place, context: CursorContext) -> dict[str, ModuleSet]:
        """What the modules offer that the statement at the cursor and the buffer import from."""
        module = place.scope.module
        wanted = dict.fromkeys(_mentioned(context))
        for statement in module.imports:
            if isinstance(statement, ast.ImportFrom):
                wanted["." * statement.level + (statement.module or "")] = None
            else:
                wanted.update(dict.fromkeys(alias.name for alias in statement.names))
        found: dict[str, ModuleSet] = {}
        for name in list(wanted)[:_MODULES]:
            known = self._offered(place, name)
            if known is not None:
                found[name] = known
        return found

    def _offered(self, place: Place, name: str) -> ModuleSet | None:
        """What the module offers that an import at the place calls `name`."""
        module = place.scope.module
        level = len(name) - len(name.lstrip("."))
        node = ast.ImportFrom(module=name[level:] or None, names=[], level=level)
        # A name that holds the mark, or leads above the top, resolves to nothing.
        resolved = self._prover.imported(module, node)
        if resolved is None:
            return self._namespace(place, self._prover.relative(module, node))
        found = self._membership.offered(name, resolved)
        if resolved.path is not None and resolved.path == module.path:
            # Nobody imports from a module what it has only by an import of its own.
            own = {
                each
                for each, bindings in module.scope.bindings.items()
                if any(binding.kind not in ("from", "import") for binding in bindings)
            }
            found = replace(found, words=Words(found.submodules.names | own))
        # What is imported under a condition may be there elsewhere.
        return replace(found, built=False) if place.around.conditional else found

    def _namespace(self, place: Place, name: str | None) -> ModuleSet | None:
        """What a package offers that is but a folder, or several."""
        if not name or HOLE in name or self._sources.find(name) is not None:
            return None
        portions = self._sources.portions(name)
        if not portions or not self._environment.holds_whole(name):
            return None
        if self._asked_module(place, "") is None:
            return None
        words = Words(self._sources.held_by(portions))
        return ModuleSet(
            name=name,
            words=words,
            complete=True,
            submodules=words,
            package=True,
            built=all(self._sources.installed_in(folder) is not None for folder in portions),
            private=True,
            reason="it is a folder, and what it holds was looked at",
        )

    def _asked_module(self, place: Place, name: str) -> ModuleSet | None:
        if place.around.expected & _IMPORT_ERRORS:
            return None
        if name:
            return self._offered(place, name)
        if place.around.conditional or not self._importables.complete:
            return None
        return self._environment.offered(place.scope.module, self._importables.imported)

    # Members.

    def _members(
        self, place: Place, likely: deque[str], *, patient: bool
    ) -> tuple[dict[str, MemberSet], bool]:
        """The first of the likely receivers, taken off them, and whether not even one was found
        out about in time. Who is patient asks for each when it is wanted."""
        found: dict[str, MemberSet] = {}
        if "AttributeError" in place.around.expected:
            likely.clear()
        at_once = Deadline.after(0.0 if patient else _AT_ONCE)
        whole = self._sources.deadline
        try:
            while likely and not (found and at_once.passed):
                if found:
                    self._sources.deadline = at_once
                text = likely[0]
                try:
                    found[text] = self._receiver(place, text)
                except RecursionError:
                    pass
                likely.popleft()
        except OutOfTime:
            return found, not found
        finally:
            self._sources.deadline = whole
        return found, False

    def _receivers(self, buffer: Buffer, scope: Scope, around: Surroundings) -> Iterator[str]:
        """Receiver texts, the likeliest first."""
        if isinstance(buffer.hole, ast.Attribute):
            text = receiver_text(buffer.hole.value)
            if text:
                yield text
        yield "''"
        yield from around.index.reads
        info = self._prover.enclosing_class(scope)
        if info is not None:
            yield "self"
            yield from (f"self.{name}" for name in self._prover.stores(info))
        for each in scope.chain():
            for name, bindings in each.bindings.items():
                if HOLE in name or "." in name:
                    continue
                yield name
                if bindings[0].kind == "class":
                    yield f"{name}()"

    def _widened(self, node: ast.expr, scope: Scope, index: Index) -> Type:
        """The type of a receiver, with all that the code around asks whether it may be."""
        prover = self._prover
        text = receiver_text(node)
        if text in index.veiled:
            return Unknown(f"'{text}' is asked what it is here")
        if isinstance(node, ast.Attribute):
            value = prover.attribute(self._widened(node.value, scope, index), node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            value = prover.called(self._widened(node.func, scope, index), node, scope)
        elif isinstance(node, ast.Subscript) and receiver_text(node.value) in index.guards:
            return Unknown(f"'{receiver_text(node.value)}' is asked what it is here")
        elif isinstance(node, ast.Name):
            found = prover.module_to_be(node.id, scope)
            unbound = found is None and prover.names.is_unimported(node.id)
            if unbound and self._sources.find(node.id) is not None:
                return Unknown(f"'{node.id}' may be a module or a name in one")
            if unbound:
                found = prover.receiver_to_be(node.id, scope)
            value = found or prover.expression(node, scope)
        else:
            value = prover.expression(node, scope)
        classes = index.classes.get(text, ())
        return union((value, *(prover.instances(each, scope) for each in classes)))

    def _receiver(self, place: Place, text: str) -> MemberSet:
        scope, around = place.scope, place.around
        if "AttributeError" in around.expected:
            return MemberSet(owner=text, reason="an AttributeError is expected here")
        if text == "None":
            return self._membership.of_none()
        node = parsed(text)
        if node is None:
            return MemberSet(owner=text, reason="it was not understood")
        asked = _ASKED.findall(place.cut)
        if any(text == each or text.startswith((f"{each}.", f"{each}[")) for each in asked):
            return MemberSet(owner=text, reason=f"'{text}' is asked what it is here")
        index = around.about(text, scope)
        value = self._widened(node, scope, index)
        if isinstance(node, ast.Call) and self._returns_none(node, value, scope):
            return self._membership.of_none()
        if any(isinstance(part, Function) for part in parts_of(value)) and place.replaced:
            return MemberSet(owner=text, reason="functions may have been replaced here")
        known = self._membership.of(value)
        if not known.complete:
            return known
        written = index.writes.get(text, set()) | around.index.named
        for name in sorted(index.reads.get(text, ())):
            if name in known.words or name in written or name.startswith("__"):
                continue
            if known.private or not name.startswith("_"):
                reason = f"the buffer itself asks for {text}.{name}"
                return MemberSet(owner=known.owner, reason=reason)
        if written - known.words.names:
            return replace(known, words=Words(known.words.names | written))
        return known

    def _returns_none(self, node: ast.Call, value: Type, scope: Scope) -> bool:
        """Whether a function of the standard library that returns nothing is called."""
        if not all(isinstance(part, NoneValue) for part in parts_of(value)):
            return False
        called = parts_of(self._prover.expression(node.func, scope))
        return all(isinstance(each, Function) and each.scope.module.is_stub for each in called)

    def _proved(
        self, place: Place, members: Mapping[str, MemberSet]
    ) -> dict[str, Words | None]:
        """What those receivers may turn out to have, as far as time suffices: an answer that had
        to ask for it would stand open until it knows."""
        found: dict[str, Words | None] = {}
        try:
            for text in islice((text for text in members if members[text].complete), _PROVED):
                found[text] = self._provable(place, text)
        except (OutOfTime, RecursionError):
            pass
        return found

    def _provable(self, place: Place, text: str) -> Words | None:
        node = parsed(text)
        if node is None:
            return None
        index = place.around.about(text, place.scope)
        return provable(place, self._widened(node, place.scope, index))


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
