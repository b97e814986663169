"""Walking: which files of a workspace are sources of its own, and what modules they are.

Owns the bounds of the walk and the folders that are left out. Reads folders, no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_FILES = 4_000
_FOLDERS = 10_000
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages", "build",
    "dist"})  # fmt: skip
_TESTS = frozenset({"test", "tests", "conftest", "setup"})


def python_files(root: Path) -> Iterator[Path]:
    """Every source file of the workspace, up to a few thousand, the shallow ones first.
    Environments and hidden folders are left out, links to folders not followed."""
    files = 0
    waiting = [root]
    for directory in waiting:
        folders, sources = entries(directory)
        for path in sources:
            files += 1
            if files > _FILES:
                return
            yield path
        for folder in folders:
            if folder.name not in _SKIPPED and len(waiting) < _FOLDERS:
                if not (folder / "pyvenv.cfg").exists():
                    waiting.append(folder)


def entries(directory: Path) -> tuple[list[Path], list[Path]]:
    """Its folders and its Python files, in order, the hidden ones left out."""
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(directory) as found:
            for entry in found:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.name.endswith(".py"):
                    files.append(entry.name)
    except OSError:
        pass
    return [directory / name for name in sorted(folders)], [
        directory / name for name in sorted(files)
    ]


def module_name(path: Path, root: Path | None) -> str:
    """The dotted name by which other files import a file; "" where they cannot."""
    if not path.stem.isidentifier():
        return ""
    parts = [path.stem]
    directory = path.parent
    if path.stem == "__init__":
        parts, directory = [directory.name], directory.parent
    elif not (directory / "__init__.py").is_file():
        return path.stem if root is not None and directory in (root, root / "src") else ""
    while (directory / "__init__.py").is_file() and directory.parent != directory:
        parts.append(directory.name)
        directory = directory.parent
    return ".".join(reversed(parts)) if all(map(str.isidentifier, parts)) else ""


def is_test(module: str) -> bool:
    """Whether nothing but tests would import from it."""
    parts = module.split(".")
    return not _TESTS.isdisjoint(parts) or parts[-1].startswith("test_")
