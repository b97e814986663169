"""Installs a real VS Code, and a browser to look at it with, for the end-to-end tests.

Owns the recipe and the folder: code-server (VS Code as a web server), the Node.js it needs,
its native modules compiled here, playwright-core, and Debian's chromium. Knows nothing of
Tenon. Everything but the Debian packages goes into one folder, named by `TENON_EDITORS` or
else the user's cache folder, so that a second run finds its work done and ends at once.

    python tests/e2e/install_vscode.py
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

CODE_SERVER = "4.139.1"
NODE_MAJOR = "24"
PLAYWRIGHT = "1.65.1"

# Both are loaded by VS Code's own server when it starts; without their compiled parts it dies.
NATIVE_MODULES = ("@vscode/spdlog", "@vscode/native-watchdog")


def editors_folder() -> Path:
    """Where editors for the tests are kept on this machine."""
    named = os.environ.get("TENON_EDITORS")
    return Path(named).resolve() if named else user_cache_path("tenon") / "editors"


def node_package() -> str:
    """The name under which npm ships a Node.js for this machine."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    if machine is None or sys.platform != "linux":
        raise SystemExit(
            f"no recipe for {sys.platform} on {platform.machine()}: "
            "these tests run on Linux, x86-64 or ARM64"
        )
    return f"node-linux-{machine}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the parts are; they exist once `complete`."""

    folder: Path

    @classmethod
    def default(cls) -> Installation:
        return cls(folder=editors_folder() / "vscode")

    @property
    def modules(self) -> Path:
        return self.folder / "node_modules"

    @property
    def node_home(self) -> Path:
        """Holds `bin/node` and the headers that native modules are compiled against."""
        return self.modules / node_package()

    @property
    def node(self) -> Path:
        return self.node_home / "bin" / "node"

    @property
    def code_server(self) -> Path:
        return self.modules / "code-server"

    @property
    def playwright(self) -> Path:
        return self.modules / "playwright-core"

    @property
    def chromium(self) -> Path | None:
        found = shutil.which("chromium")
        return Path(found) if found else None

    @property
    def stages(self) -> Path:
        return self.folder / "stages.json"

    def missing(self) -> str | None:
        """What is not there yet, in a few words; None when the tests can run."""
        if self.chromium is None:
            return "chromium is not installed"
        done = _read_stages(self.stages)
        for name, version in _wanted().items():
            if done.get(name) != version:
                return f"{name} is not installed in {self.folder}"
        return None

    def environment(self) -> dict[str, str]:
        """The process environment in which npm and node are the ones installed here."""
        return os.environ | {
            "PATH": f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "npm_config_nodedir": str(self.node_home),
            "npm_config_update_notifier": "false",
            "npm_config_fund": "false",
            "npm_config_audit": "false",
        }


def _wanted() -> dict[str, str]:
    """The stages in order, each with the version that makes an older one stale."""
    return {
        "packages": f"{node_package()}@{NODE_MAJOR} code-server@{CODE_SERVER} "
        f"playwright-core@{PLAYWRIGHT}",
        "server modules": CODE_SERVER,
        "native modules": CODE_SERVER,
        "extension modules": CODE_SERVER,
    }


def _read_stages(path: Path) -> dict[str, str]:
    try:
        stages = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return stages if isinstance(stages, dict) else {}


def _run(command: Sequence[str], *, cwd: Path, env: dict[str, str]) -> None:
    print(f"  $ {' '.join(command)}", flush=True)
    ended = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    if ended.returncode:
        print(ended.stdout[-8000:], flush=True)
        raise SystemExit(f"{command[0]} ended with status {ended.returncode}")


def _install_debian_packages() -> None:
    """Chromium, and where they are missing npm and what compiling a native module takes."""
    needed = {
        "chromium": "chromium", "npm": "npm", "node": "nodejs",
        "g++": "g++", "make": "make", "python3": "python3",
    }  # fmt: skip
    packages = [package for command, package in needed.items() if not shutil.which(command)]
    if not packages:
        print("Debian packages: all there", flush=True)
        return
    if shutil.which("apt-get") is None:
        raise SystemExit(f"install these first, there is no apt-get here: {' '.join(packages)}")
    root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    print(f"Debian packages: {' '.join(packages)}", flush=True)
    _run([*root, "apt-get", "update", "-q"], cwd=Path("/"), env=env)
    install = [*root, "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    _run(install, cwd=Path("/"), env=env)


def install(installation: Installation) -> None:
    """Do what has not been done; safe to run again after any interruption."""
    _install_debian_packages()
    vscode = installation.code_server / "lib" / "vscode"
    production = ["npm", "install", "--omit=dev", "--ignore-scripts", "--no-save"]
    actions: dict[str, Callable[[], None]] = {
        "packages": lambda: _install_packages(installation),
        "server modules": lambda: _run(production, cwd=vscode, env=installation.environment()),
        "native modules": lambda: _compile_native_modules(installation, vscode),
        "extension modules": lambda: _run(
            production, cwd=vscode / "extensions", env=installation.environment()
        ),
    }
    done = _read_stages(installation.stages)
    fresh = False
    for name, version in _wanted().items():
        # A stage stands on those before it: once one is redone, so are all that follow.
        fresh = fresh or done.get(name) != version
        if not fresh:
            print(f"{name}: already there", flush=True)
            continue
        begin = time.monotonic()
        print(f"{name}:", flush=True)
        actions[name]()
        done[name] = version
        installation.stages.write_text(json.dumps(done, indent=2))
        print(f"  done in {time.monotonic() - begin:.0f} s", flush=True)


def _install_packages(installation: Installation) -> None:
    shutil.rmtree(installation.folder, ignore_errors=True)
    installation.folder.mkdir(parents=True)
    manifest = {"name": "tenon-editors", "version": "0.0.0", "private": True}
    (installation.folder / "package.json").write_text(json.dumps(manifest))
    _run(
        ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund",
         *_wanted()["packages"].split()],
        cwd=installation.folder, env=dict(os.environ),
    )  # fmt: skip


def _compile_native_modules(installation: Installation, vscode: Path) -> None:
    env = installation.environment()
    _run(["npm", "rebuild", *NATIVE_MODULES], cwd=vscode, env=env)
    # npm counts a package whose script it was not allowed to run as rebuilt.
    load = "".join(f"require({json.dumps(module)});" for module in NATIVE_MODULES)
    _run([str(installation.node), "-e", load], cwd=vscode, env=env)


def main() -> None:
    begin = time.monotonic()
    installation = Installation.default()
    print(f"VS Code for the tests, in {installation.folder}", flush=True)
    install(installation)
    if missing := installation.missing():
        raise SystemExit(f"the installation is not complete: {missing}")
    print(f"ready after {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
