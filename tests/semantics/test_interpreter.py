"""Which environment a workspace runs with, found without running it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from workspace import Workspace

from tenon.constraints.constraint import Domain
from tenon.semantics import Analyser
from tenon.semantics.interpreter import interpreter
from tenon.text import Deadline


def environment(folder: Path, *, about: str = "", minor: int = 12) -> Path:
    """An environment as `venv` lays it out; the folder of its packages."""
    packages = folder / "lib" / f"python3.{minor}" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text(about)
    return packages


def test_the_environment_in_the_workspace_is_its_own(tmp_path: Path) -> None:
    packages = environment(tmp_path / ".venv")
    found = interpreter(tmp_path, variables={"VIRTUAL_ENV": str(tmp_path)})
    assert found.packages == (packages,)
    assert not found.fault


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_without_one_it_is_the_active_one(tmp_path: Path, name: str) -> None:
    packages = environment(tmp_path / "elsewhere")
    root = tmp_path / "project"
    found = interpreter(root, variables={name: str(tmp_path / "elsewhere")})
    assert found.packages == (packages,) and name in found.because


def test_the_one_that_tenon_itself_runs_in_was_not_chosen_for_the_workspace(
    tmp_path: Path,
) -> None:
    found = interpreter(tmp_path, variables={"VIRTUAL_ENV": sys.prefix})
    assert found.where == Path(sys.prefix) and "own" in found.because


@pytest.mark.parametrize("chosen", ["envs/one", "envs/one/bin/python"])
def test_the_settings_name_a_folder_or_an_interpreter(tmp_path: Path, chosen: str) -> None:
    environment(tmp_path / ".venv")
    packages = environment(tmp_path / "envs" / "one")
    for name in (chosen, str(tmp_path / chosen)):
        assert interpreter(tmp_path, name).packages == (packages,)


@pytest.mark.parametrize("chosen", ["nowhere", "bad\0name", "~nobody-at-all/x", "a" * 5_000])
def test_what_is_no_environment_is_told_and_the_likely_one_taken(
    tmp_path: Path, chosen: str
) -> None:
    packages = environment(tmp_path / ".venv")
    found = interpreter(tmp_path, chosen)
    assert found.packages == (packages,)
    assert "no Python environment" in found.fault and "no Python environment" in str(found)


def test_an_environment_may_share_the_packages_of_its_base(tmp_path: Path) -> None:
    base = environment(tmp_path / "base")
    (tmp_path / "base" / "lib" / "python3.9" / "site-packages").mkdir(parents=True)
    about = f"home = {tmp_path / 'base' / 'bin'}\ninclude-system-site-packages = {{}}\n"
    own = environment(tmp_path / "shares", about=about.format("true"))
    assert interpreter(None, str(tmp_path / "shares")).packages == (own, base)
    alone = environment(tmp_path / "alone", about=about.format("false"))
    assert interpreter(None, str(tmp_path / "alone")).packages == (alone,)


def test_the_members_of_a_package_are_those_of_the_chosen_environment(tmp_path: Path) -> None:
    for name, version in ((".venv", "old"), ("other", "new")):
        packages = environment(tmp_path / name)
        (packages / "thing.py").write_text(f"def {version}(): ...\n")
    workspace = Workspace(tmp_path)

    def refused(member: str) -> bool:
        source = "import thing\nthing.<|>\n"
        return workspace.refused_at(Domain.MEMBERS, source, f"{member}()") is not None

    assert not refused("old") and refused("new")
    workspace.analyser = Analyser(tmp_path, environment=interpreter(tmp_path, "other"))
    assert not refused("new") and refused("old")


def test_what_is_installed_later_can_be_imported(tmp_path: Path) -> None:
    packages = environment(tmp_path / ".venv")
    analyser = Analyser(tmp_path)
    analyser.learn(Deadline.after(60))
    importables = analyser._importables
    assert "Shining" not in importables.words
    (packages / "shine").mkdir()
    (packages / "shine" / "__init__.py").write_text("class Shining: ...\n")
    analyser.learn(Deadline.after(60))
    assert "Shining" in importables.words


def test_a_configuration_that_would_be_waited_for_is_not_read(tmp_path: Path) -> None:
    packages = environment(tmp_path / "odd")
    (tmp_path / "odd" / "pyvenv.cfg").unlink()
    os.mkfifo(tmp_path / "odd" / "pyvenv.cfg")
    assert interpreter(tmp_path, "odd").packages == (packages,)
