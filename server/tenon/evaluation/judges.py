"""Judges: type checkers that know nothing of Tenon, each behind one small interface.

Owns how each is found, started and configured, and what its rules mean in our words. Knows
neither holes nor answers. They are an extra of the package and stay outside the server: what
the user is offered never depends on them.

Each runs as a language server that keeps what it has read of the imports. Started afresh for
every text, either takes five times as long or more; and a text must be checked under its own
file's name, or relative imports and the names of modules mean something else.
"""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tenon.evaluation.diagnostics import Diagnostic, Fault
from tenon.evaluation.languageserver import LanguageServer, ServerError
from tenon.semantics.interpreter import interpreter

_INSTALL = "pip install 'tenon[judges]'"
_WARNING = 2
"""The mildest severity that counts; hints and remarks are no faults."""


class JudgeError(Exception):
    """A judge is not there, or could not come to a judgement. Says what to do about it."""


class JudgeName(StrEnum):
    TY = "ty"
    PYRIGHT = "pyright"


class Judge:
    """One type checker over one workspace. Not thread safe; a dead child is started once more."""

    def __init__(self, name: JudgeName, root: Path) -> None:
        """Start it. It sees the packages that the analysis sees. Raises `JudgeError`."""
        self.name = name
        self._maker = _MAKERS[name]
        self._root = root
        self._server = self._started()

    def check(self, uri: str, text: str) -> tuple[Diagnostic, ...]:
        """Errors and warnings, in no promised order. Raises `JudgeError`."""
        try:
            found = self._server.diagnostics(uri, text)
        except ServerError:
            self._server.close()
            self._server = self._started()
            try:
                found = self._server.diagnostics(uri, text)
            except ServerError as error:
                raise JudgeError(f"{self.name}: {error}") from error
        return tuple(
            _diagnostic(self.name, item, self._maker.faults)
            for item in found
            if item.get("severity", 1) <= _WARNING
        )

    def forget(self, uri: str) -> None:
        """The file is done with."""
        with suppress(ServerError):
            self._server.forget(uri)

    def close(self) -> None:
        self._server.close()

    def _started(self) -> LanguageServer:
        folders = [str(folder) for folder in (self._root, *interpreter(self._root).packages)]
        settings = self._maker.settings(str(self._root), folders)
        try:
            return LanguageServer(
                self._maker.command(),
                root=self._root,
                settings=settings,
                options=settings.get(self.name),
            )
        except ServerError as error:
            raise JudgeError(f"{self.name}: {error}") from error


def _diagnostic(
    judge: JudgeName, item: Mapping[str, Any], faults: Mapping[str, Fault]
) -> Diagnostic:
    code, message = str(item.get("code", "")), str(item["message"])
    fault = faults.get(code, Fault.OTHER)
    if "is unknown import symbol" in message:
        # pyright files the names of `from m import …` under attributes.
        fault = Fault.IMPORT
    start = item["range"]["start"]
    return Diagnostic(
        judge=str(judge),
        code=code,
        message=message.replace("\xa0", " "),
        fault=fault,
        line=start["line"],
        column=start["character"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    command: Callable[[], Sequence[str]]
    settings: Callable[[str, Sequence[str]], dict[str, Any]]
    faults: Mapping[str, Fault]


def _ty_command() -> Sequence[str]:
    try:
        from ty import find_ty_bin
    except ImportError:
        raise JudgeError(f"ty is not installed: {_INSTALL}") from None
    return (find_ty_bin(), "server")


def _ty_settings(root: str, folders: Sequence[str]) -> dict[str, Any]:
    environment = {
        "root": [root],
        "extra-paths": list(folders),
        "python": sys.prefix,
        "python-version": ".".join(platform.python_version_tuple()[:2]),
    }
    return {
        "ty": {
            "diagnosticMode": "openFilesOnly",
            "configuration": {"environment": environment},
        }
    }


def _pyright_command() -> Sequence[str]:
    spec = importlib.util.find_spec("pyright")
    if spec is None or spec.origin is None:
        raise JudgeError(f"pyright is not installed: {_INSTALL}")
    node = shutil.which("node")
    if node is None:
        raise JudgeError("pyright needs node 14 or newer, and there is none on the PATH")
    # The package's own command asks the network for newer versions; its program does not.
    program = Path(spec.origin).with_name("dist") / "langserver.index.js"
    if not program.is_file():
        raise JudgeError(f"this pyright does not carry its own program: {_INSTALL}")
    return (node, str(program), "--stdio")


def _pyright_settings(root: str, folders: Sequence[str]) -> dict[str, Any]:
    return {
        "python": {"pythonPath": sys.executable},
        "python.analysis": {
            "diagnosticMode": "openFilesOnly",
            "extraPaths": list(folders),
            "typeCheckingMode": "standard",
        },
    }


_TY_FAULTS = {
    Fault.SYNTAX: "invalid-syntax",
    Fault.NAME: "unresolved-reference possibly-unresolved-reference unresolved-global",
    Fault.ATTRIBUTE: "missing-attribute missing-union-attribute possibly-missing-attribute"
    " missing-slot possibly-missing-submodule",
    Fault.IMPORT: "import-not-found missing-module-member possibly-missing-import",
    Fault.ARGUMENT: "missing-argument unknown-argument too-many-positional-arguments"
    " parameter-already-assigned positional-only-parameter-as-kwarg no-matching-overload"
    " not-callable abstract-class-instantiation pydantic-discarded-extra-argument"
    " unknown-typed-dict-constructor-key missing-typed-dict-key",
    Fault.TYPE: "invalid-argument-type invalid-assignment invalid-attribute-access invalid-await"
    " invalid-context-manager invalid-exception-caught invalid-explicit-return"
    " invalid-generator-return-type invalid-implicit-return invalid-parameter-default"
    " invalid-implicit-return-in-function-with-stub-body invalid-raise invalid-super-argument"
    " invalid-type-arguments invalid-type-form invalid-typed-dict-key invalid-yield"
    " index-out-of-bounds non-literal-typed-dict-key not-iterable not-subscriptable"
    " unsupported-bool-conversion unsupported-operator unsupported-base invalid-base"
    " invalid-match-pattern possibly-missing-implicit-call zero-stepsize-in-slice"
    " type-assertion-failure",
}
_PYRIGHT_FAULTS = {
    Fault.NAME: "reportUndefinedVariable reportUnboundVariable reportPossiblyUnbound"
    " reportPossiblyUnboundVariable",
    Fault.ATTRIBUTE: "reportAttributeAccessIssue reportOptionalMemberAccess"
    " reportFunctionMemberAccess",
    Fault.IMPORT: "reportMissingImports reportMissingModuleSource",
    Fault.ARGUMENT: "reportCallIssue reportAbstractUsage",
    Fault.TYPE: "reportArgumentType reportAssignmentType reportReturnType reportOperatorIssue"
    " reportIndexIssue reportGeneralTypeIssues reportInvalidTypeForm reportInvalidTypeArguments"
    " reportOptionalSubscript reportOptionalIterable reportOptionalCall reportOptionalOperand"
    " reportOptionalContextManager reportTypedDictNotRequiredAccess reportUnhashable"
    " reportAssertTypeFailure",
}


def _by_code(codes: Mapping[Fault, str]) -> dict[str, Fault]:
    return {code: fault for fault, names in codes.items() for code in names.split()}


_MAKERS = {
    JudgeName.TY: _Maker(
        command=_ty_command, settings=_ty_settings, faults=_by_code(_TY_FAULTS)
    ),
    JudgeName.PYRIGHT: _Maker(
        command=_pyright_command,
        settings=_pyright_settings,
        # Its parser's errors are those that no rule stands behind.
        faults={"": Fault.SYNTAX, **_by_code(_PYRIGHT_FAULTS)},
    ),
}
