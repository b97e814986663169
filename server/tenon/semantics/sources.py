"""Sources: which file a module name means, read as text and parsed, never run.

Owns the search path, the files and their syntax trees. Nothing is imported and nothing is
executed: a module is what its text says. The standard library is known from the stubs that
come with jedi, so that what is known does not depend on the machine.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
import sysconfig
import tokenize
import warnings
import weakref
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

from tenon.semantics.scopes import Scope
from tenon.semantics.sections import Section
from tenon.semantics.trees import module_tree, slimmed
from tenon.text import Deadline

STUBS = Path(str(find_spec("jedi").origin)).parent / "third_party" / "typeshed" / "stdlib"
_LIBRARY = Path(sysconfig.get_path("stdlib"))
_STUB_MODULES: dict[Path, Module | None] = {}
"""Stubs of the standard library, with what was concluded from them, for the whole process:
they depend on nothing but one another."""
_OWN_WORDS: dict[Path, dict[str, frozenset[str]]] = {}
"""By source file of the standard library, and by class."""
_OWN_NAMES: dict[Path, frozenset[str]] = {}
"""By source file of the standard library: what it binds. Its tree is many times larger."""
_CLASS = re.compile(r"^class (\w+).*(?:\n(?:[ \t#)].*)?)*", re.M)
_BY_NAME = re.compile(r"\bsetattr\(\s*(?:self|cls)\b|\b(?:self|cls)\.__dict__(?:\.update\(|\[)")
ANYTHING_ELSE = "*"
"""Among the words of a class: it sets attributes by names that are computed."""
_OWN_WORD = re.compile(r"\b(?:self|cls)\.(\w+)|\bdef (\w+)|\b(_\w+)")
_LARGEST = 2_000_000
_SMALL = 3_000
"""Bytes of a file that are read within a millisecond or two."""
_KEPT = 1_500_000
"""Characters of source whose trees are kept; a tree takes some thirty bytes a character."""
_NAMED = {"os.path": os.path.__name__}
"""Standard modules that lie elsewhere than their names say."""
_STUBS_WIN = frozenset({"typing", "typing_extensions", "_typeshed", "builtins", "types"})


class OutOfTime(Exception):
    """The deadline passed in the middle of the analysis; nothing was concluded."""


class Module:
    """One module's text and tree."""

    def __init__(
        self,
        *,
        name: str,
        path: Path | None,
        tree: ast.Module,
        sections: tuple[Section, ...],
        is_stub: bool,
    ) -> None:
        self.name = name
        self.path = path
        self.tree = tree
        self.sections = sections
        """The statements of `tree`, in order."""
        self.is_stub = is_stub
        self.directory = path.parent if path is not None and path.stem == "__init__" else None
        """Where its submodules are; None for a module that is no package."""
        self.memo: dict[object, object] = {}
        """Results that hold as long as this very text does."""
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = Scope("module", self.tree, None, self)
        return self._scope

    def release(self) -> None:
        """Nobody asks about it any more: let go what leads back to it, so that its tree goes with
        the last who holds it, and need not wait for Python to look for cycles."""
        self.memo.clear()
        if self._scope is not None:
            self._scope.release()
            self._scope = None

    @cached_property
    def dynamic(self) -> bool:
        """It may change its own names in a way that its text does not show."""
        return any(section.dynamic for section in self.sections)

    @cached_property
    def moving(self) -> bool:
        """Modules may be taken to lie in it that do not."""
        return any(section.moving for section in self.sections)

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names that functions declare global."""
        return _union(section.declared for section in self.sections)

    @cached_property
    def walruses(self) -> bool:
        """Whether any expression of it may bind names."""
        return any(section.walruses for section in self.sections)

    @cached_property
    def makes_classes(self) -> bool:
        """It calls `type` with bases: any of its classes may be combined with others."""
        return any(section.makes_classes for section in self.sections)

    @cached_property
    def mixed(self) -> frozenset[str]:
        """Classes that it combines with others, in a list of bases."""
        return _union(section.mixed for section in self.sections)

    @cached_property
    def stored(self) -> frozenset[str]:
        """Attribute names that are set on anything but `self` and `cls`, anywhere in it."""
        return _union(section.stored for section in self.sections)

    @property
    def imports(self) -> Iterator[ast.Import | ast.ImportFrom]:
        """Its import statements, those in blocks left out."""
        return (statement for section in self.sections for statement in section.imports)

    @property
    def classes(self) -> Iterator[ast.ClassDef]:
        """Its classes, those in blocks left out."""
        return (statement for section in self.sections for statement in section.classes)

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.name if self.directory is not None else self.name.rpartition(".")[0]


class Sources:
    """Modules by name, for one workspace."""

    def __init__(self, root: Path | None, site: tuple[Path, ...]) -> None:
        self._roots = _source_roots(root)
        self._site = site
        self._modules: OrderedDict[Path, tuple[tuple[int, int], Module | None]] = OrderedDict()
        self._kept = 0
        self._found: dict[str, Path | None] = {}
        self._installed: dict[Path, tuple[int, bool]] = {}
        """Whether an installer puts packages in a folder, as of its last change."""
        self._checked: set[Path] = set()
        self._wide: deque[weakref.ref[Module]] = deque()
        """Modules whose trees take more memory than they need."""
        self._slimming: Iterator[None] = iter(())
        self.deadline: Deadline | None = None
        self.reading = True
        """Whether files may be read: a large one takes longer than some askers have."""
        self.epoch = 0
        """Counts up when a file has changed or was let go: what was concluded is void."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where the workspace's own modules are looked for."""
        return self._roots

    @property
    def site(self) -> tuple[Path, ...]:
        """Where installed packages lie."""
        return self._site

    def begin(self) -> None:
        """A new analysis: look at each file's time once more, and at what exists."""
        self._checked.clear()
        self._found.clear()

    def check_time(self) -> None:
        """Raise `OutOfTime` once the deadline has passed."""
        if self.deadline is not None and self.deadline.passed:
            raise OutOfTime

    def _before_reading(self, size: int) -> None:
        self.check_time()
        if not self.reading and size > _SMALL:
            raise OutOfTime

    def forget_conclusions(self) -> None:
        for _, module in self._modules.values():
            if module is not None:
                module.memo.clear()

    def add_root(self, directory: Path) -> None:
        if directory not in self._roots and not _is_standard_library(directory):
            self._roots = (*self._roots, directory)
            self._found.clear()

    def name_of(self, path: Path) -> str:
        """The dotted name of a file, from the packages it lies in; adds its root."""
        parts = [path.stem]
        directory = path.parent
        if path.stem == "__init__":
            parts, directory = [directory.name], directory.parent
        while directory.parent != directory and (
            _is_package(directory)
            # A folder without the file, in a package that has it, is a package too.
            or (_is_package(directory.parent) and directory not in (*self._roots, *self._site))
            # And so is any that an installer made.
            or self.installed_in(directory) not in (None, directory)
        ):
            parts.append(directory.name)
            directory = directory.parent
        self.add_root(directory)
        return ".".join(reversed(parts))

    def installed_in(self, path: Path) -> Path | None:
        """The folder that an installer put `path` into; None where it came otherwise."""
        for folder in (*self._roots, *self._site):
            if path.is_relative_to(folder) and self._is_installed(folder):
                return folder
        return None

    def _is_installed(self, folder: Path) -> bool:
        known = self._installed.get(folder)
        if known is not None and folder in self._checked:
            return known[1]
        try:
            stamp = folder.stat().st_mtime_ns
            if known is None or known[0] != stamp:
                found = any(name.endswith(".dist-info") for name in os.listdir(folder))
                known = self._installed[folder] = stamp, found
        except OSError:
            return False
        self._checked.add(folder)
        return known[1]

    def portions(self, name: str) -> tuple[Path, ...]:
        """The folders that make up the namespace package called `name`."""
        parts = name.split(".")
        folders = (folder.joinpath(*parts) for folder in (*self._roots, *self._site))
        return tuple(folder for folder in folders if folder.is_dir())

    def held_by(self, folders: Iterable[Path]) -> frozenset[str]:
        """The modules that lie in the folders."""
        return _union(map(_modules_in, folders))

    def module(self, name: str, importer: Module | None = None) -> Module | None:
        """The module called `name`, or None where it was not found or is not understood.

        A stub of the standard library imports stubs, whatever the workspace holds.
        """
        if importer is None or (importer.is_stub and importer.path in _STUB_MODULES):
            return self._stub(name)
        path = self.find(name)
        if path is None:
            return None
        return self._stub(name) if path == _stub_path(name) else self._load(name, path)

    def beside(self, module: Module) -> Module | None:
        """The stub that lies beside an installed source, which says what the source takes from
        what is no Python: an extension module, say."""
        path = module.path
        if module.is_stub or path is None or not any(map(path.is_relative_to, self._site)):
            return None
        stub = path.with_suffix(".pyi")
        return self._load(module.name, stub) if stub.is_file() else None

    def _stub(self, name: str) -> Module | None:
        path = _stub_path(name) if name else None
        if path is None:
            return None
        if path not in _STUB_MODULES:
            self._before_reading(path.stat().st_size)
            _STUB_MODULES[path] = self._read(name, path)
        return _STUB_MODULES[path]

    def find(self, name: str) -> Path | None:
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Path | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        in_stubs = _stub_path(name)
        if parts[0] in _STUBS_WIN and in_stubs is not None:
            return in_stubs
        standard = in_stubs is not None or _in(STUBS, parts[:1], stubs=True) is not None
        for root in self._roots:
            found = _in(root, parts)
            if found is not None:
                # A workspace module that shadows the standard library: which of the two a
                # name means depends on how the program is started.
                return None if standard and root not in self._site else found
        if standard:
            return in_stubs
        for site in self._site:
            found = _in(site, parts)
            if found is not None:
                return found
        return None

    def submodules(self, module: Module) -> frozenset[str]:
        """What `module.<name>` may mean because a file or folder of that name exists."""
        if module.directory is None:
            return frozenset()
        names = _modules_in(module.directory)
        if module.path in _STUB_MODULES:
            names |= _modules_in(_LIBRARY.joinpath(*module.name.split(".")))
        return names

    def loaded_members(self, module: Module, name: str) -> list[str]:
        """The members of a standard class as this process has it, if it happens to have it."""
        loaded = sys.modules.get(module.name) if module.path in _STUB_MODULES else None
        found = vars(loaded).get(name) if loaded is not None else None
        return dir(found) if isinstance(found, type) else []

    def own_words(self, module: Module, name: str) -> frozenset[str] | None:
        """Members of a standard class that its stub may leave out, private ones among them; a
        few too many. None where neither its source nor the class itself is at hand."""
        if module.path not in _STUB_MODULES:
            return None
        words = frozenset(self.loaded_members(module, name))
        path = _source_path(module.name)
        if path is None:
            return words or None
        if path not in _OWN_WORDS:
            self.check_time()
            _OWN_WORDS[path] = _own_words(path)
        own = _OWN_WORDS[path].get(name)
        return words | own if own is not None else words or None

    def undocumented(self, module: Module) -> frozenset[str]:
        """Names of a standard module that its stub leaves out: those in its own source, and
        those it has in this very process, where it happens to be loaded."""
        if module.path not in _STUB_MODULES:
            return frozenset()
        names: set[str] = set()
        path = _source_path(_NAMED.get(module.name, module.name))
        if path is not None:
            if path not in _OWN_NAMES:
                self.check_time()
                _OWN_NAMES[path] = _own_names(module.name, path)
            names.update(_OWN_NAMES[path])
        loaded = sys.modules.get(module.name)
        if loaded is not None:
            names.update(vars(loaded))
        return frozenset(names)

    def is_read(self, module: Module) -> bool:
        """Whether the names that a standard module's stub leaves out are known, private ones among
        them: this process has it, or its source says them all."""
        if not self.is_standard(module) or module.name == "sys":
            # What makes programs of scripts sets names of its own on `sys`.
            return False
        own = self.undocumented(module)
        return module.name in sys.modules or (bool(own) and ANYTHING_ELSE not in own)

    def is_standard(self, module: Module) -> bool:
        """Whether it is known by a stub of the standard library."""
        return module.path in _STUB_MODULES

    def top_level(self) -> frozenset[str]:
        """Modules that could be imported: standard library, installed, in the workspace."""
        names = {name for name in sys.stdlib_module_names if not name.startswith("_")}
        for directory in (*self._roots, *self._site):
            try:
                entries = list(os.scandir(directory))
            except OSError:
                continue
            for entry in entries:
                stem, dot, kind = entry.name.partition(".")
                if stem.startswith("_") or not stem.isidentifier():
                    continue
                if kind in ("py", "pyi") or kind.endswith(("so", "pyd")) or not dot:
                    names.add(stem)
        return frozenset(names)

    def _load(self, name: str, path: Path) -> Module | None:
        known = self._modules.get(path)
        if known is not None and path in self._checked:
            self._modules.move_to_end(path)
            return known[1]
        self._checked.add(path)
        try:
            status = path.stat()
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        if known is not None:
            if known[0] == stamp:
                self._modules.move_to_end(path)
                return known[1]
            self.epoch += 1
            del self._modules[path]
            if known[1] is not None:
                known[1].release()
            self._kept -= known[0][1]
        self._before_reading(status.st_size)
        if not self._room_for(status.st_size):
            return None
        module = self._read(name, path) if status.st_size <= _LARGEST else None
        self._modules[path] = (stamp, module)
        self._modules.move_to_end(path)
        self._kept += stamp[1]
        return module

    def _read(self, name: str, path: Path) -> Module | None:
        module = read_module(name, path)
        if module is not None:
            self._wide.append(weakref.ref(module))
        return module

    def slim(self, deadline: Deadline) -> bool:
        """Make what was read lately take less memory; True once nothing is left to do."""
        while not deadline.passed:
            if next(self._slimming, self) is self:
                if not self._wide:
                    return True
                module = self._wide.popleft()()
                self._slimming = slimmed(module.tree) if module is not None else iter(())
        return False

    def _room_for(self, size: int) -> bool:
        """Let go what this analysis does not use, the longest unused first; False where what it
        uses is too much already. Many at once: what was concluded goes with the first."""
        if self._kept + size <= _KEPT:
            return True
        for path in [path for path in self._modules if path not in self._checked]:
            if self._kept + size <= _KEPT * 2 // 3:
                break
            old, module = self._modules.pop(path)
            if module is not None:
                module.release()
            self._kept -= old[1]
            self.epoch += 1
        return self._kept + size <= _KEPT


def read_module(name: str, path: Path) -> Module | None:
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding).read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = module_tree(text)
    except (OSError, SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
        return None
    is_stub = path.suffix == ".pyi"
    sections = (Section(tree.body, text, is_stub=is_stub),)
    return Module(name=name, path=path, tree=tree, sections=sections, is_stub=is_stub)


def _union(names: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*names)


def _own_names(name: str, path: Path) -> frozenset[str]:
    """What the module binds at its top."""
    module = read_module(name, path)
    if module is None:
        return frozenset()
    names = set(module.scope.bindings)
    if module.scope.stars or module.dynamic:
        names.add(ANYTHING_ELSE)
    module.release()
    return frozenset(names)


def _own_words(path: Path) -> dict[str, frozenset[str]]:
    """By class, every word in its text that may be a member of it."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return {}
    found: dict[str, frozenset[str]] = {}
    for match in _CLASS.finditer(text):
        words = {word for three in _OWN_WORD.findall(match.group()) for word in three if word}
        if _BY_NAME.search(match.group()):
            words.add(ANYTHING_ELSE)
        found[match.group(1)] = found.get(match.group(1), frozenset()) | words
    return found


def _in(directory: Path, parts: list[str], *, stubs: bool = False) -> Path | None:
    base = directory.joinpath(*parts)
    suffixes = (".pyi",) if stubs else (".py", ".pyi")
    for suffix in suffixes:
        for path in (base / f"__init__{suffix}", base.with_name(base.name + suffix)):
            if path.is_file():
                return path
    return None


@lru_cache(maxsize=2048)
def _stub_path(name: str) -> Path | None:
    """The stub of a module of the standard library. Every builtin is asked for by it."""
    return _in(STUBS, name.split("."), stubs=True)


@lru_cache(maxsize=2048)
def _source_path(name: str) -> Path | None:
    """The source of a module of the standard library. Each of its classes is asked for by it."""
    return _in(_LIBRARY, name.split("."))


def _is_package(directory: Path) -> bool:
    return (directory / "__init__.py").is_file()


def _is_standard_library(directory: Path) -> bool:
    return (directory / "os.py").is_file() and (directory / "this.py").is_file()


def _modules_in(directory: Path) -> frozenset[str]:
    names = set()
    try:
        for entry in os.scandir(directory):
            stem = entry.name.partition(".")[0]
            if stem.isidentifier() and (
                entry.name.endswith((".py", ".pyi", ".so", ".pyd"))
                or ("." not in entry.name and entry.is_dir())
            ):
                names.add(stem)
    except OSError:
        pass
    return frozenset(names)


def _source_roots(root: Path | None) -> tuple[Path, ...]:
    if root is None:
        return ()
    return tuple(path for path in (root, root / "src") if path.is_dir())
