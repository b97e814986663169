"""Importables: names that a file does not have but could import, and from where.

Owns the gathering: what the workspace's files import and define, what the standard library and
the installed packages offer, and which of several sources of one name is the best. Files are
looked at a few at a time, as text, and again when they change. Gathered on the analysis thread;
what was gathered may be asked from any.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tenon.semantics.facts import Import, ImportSet, Words
from tenon.semantics.standard import STANDARD
from tenon.semantics.summary import Summary, Use, exported_of, summary_of
from tenon.semantics.walking import entries, is_test, module_name, python_files
from tenon.text import Deadline

_PACKAGES = 500
_LARGEST = 400_000
"""Bytes; what is larger was not written by hand."""
_TOOLS = frozenset({"pip", "setuptools", "wheel", "pkg_resources", "distutils", "test", "tests"})
"""Installed everywhere, and imported by no one's code."""
_ALIASES = {
    "np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib",
    "sns": "seaborn", "tf": "tensorflow", "nx": "networkx", "sp": "scipy", "nn": "torch.nn",
    "torch": "torch",
}  # fmt: skip
"""Names that mean one module to everyone who has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    stamp: tuple[int, int]
    module: str
    """"" where it is none that another file could import."""
    is_package: bool
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The file that would import, by what it is itself."""

    module: str
    package: str
    """What its relative imports start from; "" where it lies in none."""
    dots: int = 0
    """The most dots that one of its own imports begins with."""


class Importables:
    """Gathers; `known` is what has been gathered so far."""

    def __init__(self, root: Path | None, site: tuple[Path, ...]) -> None:
        self._root = root
        self._site = site
        self._files: dict[Path, _File] = {}
        self._counts: dict[str, Counter[Import]] = {}
        self._used: dict[str, tuple[Import, ...]] = {}
        """By the name that is bound, the most used first."""
        self._definers: dict[str, set[str]] = {}
        self._defined: dict[str, tuple[str, ...]] = {}
        """Modules of the workspace that define a name."""
        self._installed: dict[str, Import | None] = {}
        """None where several packages offer it."""
        self._tops: set[str] = set()
        """Top-level packages and modules of the workspace."""
        self._imported: Counter[str] = Counter()
        """How many files import from a top-level module."""
        self._changed = True
        self._words = Words()
        self._packages: frozenset[str] = frozenset()
        """Those that are installed, by their names."""
        self._modules = Words(_ALIASES)
        self._site_stamps: tuple[int, ...] = ()
        """Of the folders of packages, when they were last looked at."""
        self._work = self._pass()
        self.complete = False
        """Whether everything has been looked at, at least once."""

    def learn(self, deadline: Deadline) -> bool:
        """Go on gathering; True when everything has been looked at once more."""
        while not deadline.passed:
            if next(self._work, self) is self:
                self._work = self._pass()
                self.complete = True
                return True
        return False

    def known(self, home: Home) -> ImportSet:
        return ImportSet(words=self._words, find=lambda path: self._find(path, home))

    @property
    def words(self) -> Words:
        """Names that are known to be importable. Another object whenever they have changed."""
        return self._words

    @property
    def imported(self) -> frozenset[str]:
        """Top-level modules that files of the workspace import from."""
        return frozenset(name for name, count in self._imported.items() if count > 0)

    @property
    def modules(self) -> Words:
        """Names that stand for modules where a dot follows, beside those at the top level."""
        return self._modules

    # Gathering.

    def _pass(self) -> Iterator[None]:
        while STANDARD.step():
            yield
        stamps = tuple(_stamp(folder) for folder in self._site)
        if stamps != self._site_stamps:
            self._site_stamps = stamps
            yield from self._look_at_packages()
        self._publish()
        gone = set(self._files)
        if self._root is not None:
            for path in python_files(self._root):
                gone.discard(path)
                self._look_at(path)
                yield
        for path in gone:
            self._forget(self._files.pop(path))
        self._publish()

    def _publish(self) -> None:
        if not self._changed:
            return
        self._changed = False
        words = set(STANDARD.names)
        words.update(name for name, found in self._installed.items() if found is not None)
        words.update(name for name, modules in self._defined.items() if _is_plain(name, modules))
        there = self._packages | self.imported | self._tops
        modules = {name for name, meant in _ALIASES.items() if meant.partition(".")[0] in there}
        for name in tuple(self._used):
            modules.add(name)
            uses = sum(self._counts[name].values())
            if any(each.name for each in self._used[name]) and (_is_telling(name) or uses > 1):
                words.add(name)
        self._words, self._modules = Words(words), Words(modules)
        # In order before another thread asks.
        self._words.ordered, self._modules.ordered  # noqa: B018

    def _look_at(self, path: Path) -> None:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._files.get(path)
            if known is not None and known.stamp == stamp:
                return
            text = path.read_text("utf-8", errors="replace") if stamp[1] <= _LARGEST else ""
        except OSError:
            return
        if known is not None:
            self._forget(known)
        module = module_name(path, self._root)
        is_package = path.stem == "__init__"
        found = _File(
            stamp=stamp, module=module, is_package=is_package, summary=summary_of(text)
        )
        self._files[path] = found
        self._count(found, 1)

    def _forget(self, file: _File) -> None:
        self._count(file, -1)

    def _count(self, file: _File, sign: int) -> None:
        self._changed = True
        for top in {use.module.partition(".")[0] for use in file.summary.uses}:
            self._imported[top] += sign
        for use in file.summary.uses:
            # A package's own file counts its dots from within.
            wanted = _import_of(use, f"{file.module}.*" if file.is_package else file.module)
            if wanted is None:
                continue
            counts = self._counts.setdefault(wanted.binds, Counter())
            counts[wanted] += sign
            ordered = sorted(
                (each for each in counts if counts[each] > 0),
                key=lambda each: (-counts[each], each.module),
            )
            self._used[wanted.binds] = tuple(ordered)
            if not ordered:
                del self._used[wanted.binds], self._counts[wanted.binds]
        self._tops.add(file.module.partition(".")[0])
        if not file.module or is_test(file.module):
            return
        for name in file.summary.defined:
            modules = self._definers.setdefault(name, set())
            (modules.add if sign > 0 else modules.discard)(file.module)
            self._defined[name] = tuple(sorted(modules))

    def _look_at_packages(self) -> Iterator[None]:
        """What is installed by now. Asked meanwhile, it is what was installed before."""
        installed: dict[str, Import | None] = {}
        packages = [
            path
            for directory in self._site
            for path in entries(directory)[0]
            if path.name.isidentifier() and not path.name.startswith("_")
        ]
        for path in packages[:_PACKAGES]:
            if path.name in _TOOLS:
                continue
            try:
                file = path / "__init__.py"
                if file.stat().st_size > _LARGEST:
                    continue
                offered = exported_of(file.read_text("utf-8", errors="replace"), path.name)
            except OSError:
                continue
            for name in offered:
                if _is_class_name(name) and name not in STANDARD.names:
                    found = Import(module=path.name, name=name)
                    ambiguous = installed.get(name, found) != found
                    installed[name] = None if ambiguous else found
            yield
        self._packages = frozenset(path.name for path in packages)
        self._installed, self._changed = installed, True

    # Finding.

    def _find(self, path: str, home: Home) -> Import | None:
        head, dot, rest = path.partition(".")
        for found in self._candidates(head, path, home):
            if found.module == home.module or (not dot and not found.name):
                continue
            if _is_private(found, home):
                continue
            if not found.name and not found.alias:
                if not path.startswith(found.module + "."):
                    continue
                rest = path[len(found.module) + 1 :]
            if dot and not _may_have(found, rest.partition(".")[0]):
                continue
            if found.origin == "installed" and found.module.partition(".")[0] in self._tops:
                found = replace(found, origin="workspace")
            return _in_style(found, home)
        return None

    def _candidates(self, head: str, path: str, home: Home) -> Iterator[Import]:
        standard = STANDARD.module(path)
        for used in self._used.get(head, ()):
            if used.name == head and standard is not None and head not in self._defined:
                # A module of the standard library that another one passes on.
                continue
            plain = used.origin == "standard" and not used.name and not used.alias
            yield standard if plain and standard is not None else used
        for module in sorted(self._defined.get(head, ()), key=lambda each: _distance(each, home)):
            yield Import(module=module, name=head, origin="workspace")
        found = STANDARD.names.get(head) or self._installed.get(head)
        if found is not None:
            yield found
        if standard is not None:
            yield standard
        elif head in _ALIASES:
            module = _ALIASES[head]
            yield Import(module=module, alias=head if head != module else "")
        else:
            yield Import(module=head)


def _stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _in_style(found: Import, home: Home) -> Import:
    """As a relative import, where the file itself writes them."""
    package = home.package if found.name and found.origin == "workspace" else ""
    for dots in range(1, home.dots + 1):
        if package and f"{found.module}.".startswith(f"{package}."):
            return replace(found, module="." * dots + found.module[len(package) + 1 :])
        package = package.rpartition(".")[0]
    return found


def _may_have(found: Import, part: str) -> bool:
    """Whether what the import binds may have a member `part`, as far as is known at a glance."""
    if found.name:
        # `datetime.timedelta` asks for the module, `datetime.now` for the class in it.
        own = found.module == found.name and part in STANDARD.offers.get(found.module, ())
        return not own
    if found.origin != "standard":
        return True
    offered = STANDARD.offers.get(found.module)
    return offered is None or part in offered or not offered


def _import_of(use: Use, importer: str) -> Import | None:
    """The use as any file of the workspace could repeat it."""
    module = use.module
    if not module.startswith("."):
        top = module.partition(".")[0]
        standard = top in sys.stdlib_module_names
        origin = "standard" if standard else "installed"
        return Import(module=module, name=use.name, alias=use.alias, origin=origin)
    parts = importer.split(".") if importer else []
    rest = module.lstrip(".")
    base = parts[: max(len(parts) - (len(module) - len(rest)), 0)]
    if not base:
        return None
    absolute = ".".join((*base, rest) if rest else base)
    return Import(module=absolute, name=use.name, alias=use.alias, origin="workspace")


def _is_private(found: Import, home: Home) -> bool:
    """Whether it is another package's own affair."""
    parts = found.module.split(".")
    inner = parts[1:] if found.origin != "standard" else parts
    return parts[0] != home.module.partition(".")[0] and any(p.startswith("_") for p in inner)


def _is_class_name(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_telling(name: str) -> bool:
    """Whether a name says enough not to be some variable's too."""
    return "_" in name or not name.islower()


def _is_plain(name: str, modules: tuple[str, ...]) -> bool:
    """Whether reading a name that the workspace defines can mean nothing else."""
    return bool(modules) and (
        _is_class_name(name) or (len(modules) == 1 and "_" in name.strip("_"))
    )


def _distance(module: str, home: Home) -> tuple[int, int, str]:
    """How far a module is from home: the fewest steps up, then the shortest name."""
    parts, own = module.split("."), home.package.split(".")
    common = len(os.path.commonprefix([parts, own]))
    return (-common, len(parts), module)
