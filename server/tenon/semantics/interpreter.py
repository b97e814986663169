"""Interpreter: the environment that a workspace runs with, and where its packages lie.

Owns the order in which environments are looked for. Reads folders and `pyvenv.cfg`; an
interpreter is never run, so what a `.pth` file or `sitecustomize` would add is not known.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_IN_WORKSPACE = (".venv", "venv", "env")
_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
"""What activating an environment sets."""
_FOLDERS = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "Lib/site-packages")
_OF_THE_SYSTEM = (*_FOLDERS, "local/lib/python3*/dist-packages")
_MINOR = re.compile(r"python3\.(\d+)")
_SHARES = re.compile(r"^include-system-site-packages\s*=\s*true\s*$", re.I | re.M)
_LARGEST = 100_000
"""Bytes of a `pyvenv.cfg`."""
_HOME = re.compile(r"^home\s*=\s*(.+?)\s*$", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """What is known of it without running it."""

    packages: tuple[Path, ...]
    """Where installed packages lie, in the order in which they are looked for."""
    where: Path
    """The environment's folder."""
    because: str
    """Why this one, in a few words."""
    fault: str = ""
    """Why it is not the one that the settings name; empty where it is, or they name none."""

    def __str__(self) -> str:
        return "; ".join(filter(None, (f"{self.where} ({self.because})", self.fault)))


def interpreter(
    root: Path | None, chosen: str | None = None, variables: Mapping[str, str] = os.environ
) -> Interpreter:
    """The environment of the workspace at `root`. `chosen` is an environment's folder or the
    interpreter in it, relative to the workspace or absolute; unset, it is the one that lies in
    the workspace, else the one that was active when Tenon started, else Tenon's own."""
    fault = ""
    if chosen:
        where = _folder(Path(root or "", os.path.expanduser(chosen)))
        packages = _packages(where)
        if packages:
            return Interpreter(packages=packages, where=where, because="the settings name it")
        fault = f"{chosen!r} is no Python environment"
    for where, because in _likely(root, variables):
        packages = _packages(where)
        if packages:
            return Interpreter(packages=packages, where=where, because=because, fault=fault)
    own = (path for path in map(Path, sys.path) if path.name.endswith("-packages"))
    return Interpreter(
        packages=tuple(own),
        where=Path(sys.prefix),
        because="Tenon's own, for the workspace shows none",
        fault=fault,
    )


def _likely(root: Path | None, variables: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for name in _IN_WORKSPACE if root is not None else ():
        if (root / name / "pyvenv.cfg").is_file():
            yield root / name, "it lies in the workspace"
    for name in _ACTIVE:
        where = Path(variables.get(name) or sys.prefix)
        # Who starts Tenon by its own environment has not said anything of the workspace's.
        if not _same(where, Path(sys.prefix)):
            yield where, f"{name} names it"


def _folder(where: Path) -> Path:
    """The environment that an interpreter lies in, links not followed: they lead out of it."""
    if not os.path.isfile(where):
        return where
    return where.parent.parent if where.parent.name in ("bin", "Scripts") else where.parent


def _packages(where: Path) -> tuple[Path, ...]:
    about = _about(where / "pyvenv.cfg")
    if about is None:
        return tuple(_found(where, _OF_THE_SYSTEM))
    packages = [*_found(where, _FOLDERS)]
    home = _HOME.search(about)
    if packages and home is not None and _SHARES.search(about):
        base = Path(home.group(1))
        base = base.parent if base.name == "bin" else base
        minor = _minor(packages[0])
        packages += [
            path for path in _found(base, _OF_THE_SYSTEM) if _minor(path) in (minor, None)
        ]
    return tuple(packages)


def _about(config: Path) -> str | None:
    """What an environment says of itself; None for what is no virtual environment."""
    try:
        # Anything but a plain file may be waited for without end.
        if os.path.isfile(config) and config.stat().st_size <= _LARGEST:
            return config.read_text("utf-8", errors="replace")
    except OSError:
        pass
    return None


def _found(where: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The newest Python's first, where several have theirs in one place."""
    for pattern in patterns:
        try:
            yield from sorted(where.glob(pattern), key=lambda path: -(_minor(path) or 0))
        except (OSError, ValueError):  # ValueError: no path can be called so.
            continue


def _minor(path: Path) -> int | None:
    found = _MINOR.search(path.as_posix())
    return int(found.group(1)) if found is not None else None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other
