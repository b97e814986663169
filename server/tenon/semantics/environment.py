"""Environment: which top-level modules there are, and whether that can be known at all.

Owns the evidence. What is not installed here may be installed where the program runs, or be
installed tomorrow, so a module is held not to exist only where what is installed is plainly what
the workspace runs with, and where nothing in the workspace names it: no import and no file that
says what the project depends on. Reads folders and those files; knows no scopes and no types.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tenon.semantics.facts import ModuleSet, Words
from tenon.semantics.index import HOLE
from tenon.semantics.sources import Module

_DECLARING = re.compile(
    r"pyproject\.toml|setup\.(?:py|cfg)|Pipfile|tox\.ini|environment\.ya?ml"
    r"|(?:.*[-_.])?require.*\.(?:txt|in)"
)
"""Files of a workspace that name what it depends on."""
_DECLARED = re.compile(r"[A-Za-z][\w.-]*")
_QUOTED = re.compile(r"""['"]([^\W\d]\w*)""")
_ALWAYS = frozenset({"__main__", "_typeshed"})
"""The program itself, and what type checkers alone know."""
_LARGEST = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    stamp: int
    modules: frozenset[str]
    installed: bool
    """Whether an installer put packages there."""
    linked: frozenset[str]
    """Of the modules, those that lie in other folders, to which it leads."""


class Environment:
    """Over the folders that modules are looked for in. One thread uses it at a time."""

    def __init__(
        self, root: Path | None, roots: tuple[Path, ...], site: tuple[Path, ...]
    ) -> None:
        self._root = root
        self._roots = roots
        self._site = site
        self._folders: dict[Path, _Folder] = {}
        self._declared: tuple[object, frozenset[str]] = ((), frozenset())
        self._whole: tuple[object, Words] = ((), Words())

    def offered(self, module: Module, used: frozenset[str]) -> ModuleSet | None:
        """What the first word of an import in `module` may be, `used` being those that the
        workspace imports from; None where that is not known, or `module` is none of its own."""
        if module.path is not None and not self._is_own(module.path):
            return None
        folders = {path: self._folder(path) for path in (*self._roots, *self._site)}
        at_home = frozenset().union(*(folders[path].modules for path in self._roots))
        outside = frozenset().union(*(folders[path].modules for path in self._site))
        present = at_home | outside | sys.stdlib_module_names | _ALWAYS
        if not self._is_the_programs(folders, (used - at_home) & outside):
            return None
        if any(name not in present and HOLE not in name for name in _named(module.imports)):
            return None
        declared = self._what_is_declared()
        key = (tuple(each.stamp for each in folders.values()), used, declared)
        if self._whole[0] != key:
            self._whole = key, Words(present | used | declared)
        return ModuleSet(
            name="",
            submodules=self._whole[1],
            package=True,
            reason="what is installed, and what the workspace holds and names",
        )

    def holds_whole(self, name: str) -> bool:
        """Whether all that there is of a package lies in these folders."""
        top = name.partition(".")[0]
        return not any(top in self._folder(path).linked for path in (*self._roots, *self._site))

    def _is_own(self, path: Path) -> bool:
        """Whether it is a file of the workspace, and none that an installer put there: those
        run elsewhere, with what is installed there."""
        root = self._root
        return (
            root is not None
            and path.is_relative_to(root)
            and not any(path.is_relative_to(site) for site in self._site)
        )

    def _is_the_programs(self, folders: dict[Path, _Folder], used: frozenset[str]) -> bool:
        """Whether what is installed is what the workspace runs with: it lies in the workspace, or
        the workspace uses some of it."""
        root = self._root
        if root is None:
            return False
        inside = any(path.is_relative_to(root) for path in self._site)
        return inside or any(folders[path].installed for path in self._roots) or bool(used)

    def _folder(self, path: Path) -> _Folder:
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            stamp = 0
        known = self._folders.get(path)
        if known is None or known.stamp != stamp:
            known = self._folders[path] = _read(path, stamp)
        return known

    def _what_is_declared(self) -> frozenset[str]:
        """Words of the files that say what the workspace depends on."""
        root = self._root
        if root is None:
            return frozenset()
        found = []
        for folder in (root, root / "requirements"):
            for name in _names_in(folder):
                if _DECLARING.fullmatch(name) or folder != root:
                    path = folder / name
                    try:
                        status = path.stat()
                    except OSError:
                        continue
                    if status.st_size <= _LARGEST and path.is_file():
                        found.append((path, status.st_mtime_ns))
        if self._declared[0] != found:
            self._declared = found, frozenset(_declared_in(path for path, _ in found))
        return self._declared[1]


def _read(directory: Path, stamp: int) -> _Folder:
    modules: set[str] = set()
    linked: set[str] = set()
    names = _names_in(directory)
    for name in names:
        stem, _, kind = name.partition(".")
        if kind in ("", "py", "pyi", "pyc") or kind.endswith(("so", "pyd")):
            modules.add(stem.removesuffix("-stubs"))
        elif name.endswith((".pth", ".egg-link")):
            for line in _text(directory / name).splitlines():
                # A line that is code may make any module importable: what it quotes counts.
                linked.update(_QUOTED.findall(line))
                if line.strip() and not line.startswith(("import", "#")):
                    linked.update(_stems(directory / line.strip()))
        elif name.endswith(".egg"):
            linked.update(_stems(directory / name))
        if name.startswith("__editable__") and kind == "py":
            linked.update(_QUOTED.findall(_text(directory / name)))
    return _Folder(
        stamp=stamp,
        modules=frozenset(name for name in modules | linked if name.isidentifier()),
        installed=any(name.endswith(".dist-info") for name in names),
        linked=frozenset(linked),
    )


def _stems(directory: Path) -> set[str]:
    return {name.partition(".")[0] for name in _names_in(directory)}


def _names_in(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        if path.stat().st_size <= _LARGEST:
            return path.read_text("utf-8", errors="replace")
    except OSError:
        pass
    return ""


def _declared_in(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        for word in _DECLARED.findall(_text(path)):
            whole = word.replace("-", "_").replace(".", "_")
            yield from (whole, whole.lower(), *whole.split("_"), *whole.lower().split("_"))


def _named(imports: Iterable[ast.Import | ast.ImportFrom]) -> Iterable[str]:
    """The top-level modules that import statements name."""
    for statement in imports:
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif not statement.level and statement.module:
            yield statement.module.partition(".")[0]
