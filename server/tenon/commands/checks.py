"""What `tenon doctor` looks at: one function a check, which tells what it found or raises.

Whatever a check raises is its finding, with what to do about it, and the checks after it go on.
Those that need the model are not made where it did not open.
"""

from __future__ import annotations

import importlib.metadata
import math
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.engine.engine import Engine, EngineError

if TYPE_CHECKING:
    from tenon.decoding.vocabulary import Vocabulary

_OLDEST = (3, 11)
_SLOW = 5
"""Tokens a second below which nobody waits for a line, even on a busy machine."""
_REINSTALL = "reinstall tenon: uv sync --reinstall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    what: str
    well: bool
    detail: str
    remedy: str = ""
    """What to do about a fault; empty where all is well, or where the detail says it."""


def findings(model: Path | None = None) -> Iterator[Finding]:
    """Every check's finding, as soon as it is made. `model` is a GGUF file, or the one in use."""
    yield _look("python", python, "install Python 3.11 or newer")
    yield _look("processor", processor, "see the README on builds of llama.cpp")
    yield _look("llama.cpp", build, _REINSTALL)
    yield _look("devices", devices, _REINSTALL)
    yield _look("manifest", lambda: manifest(model), "")
    yield from _of_the_model(model)
    yield _look("tree-sitter", tree_sitter, _REINSTALL)
    yield _look("analysis", analysis, _REINSTALL)
    yield _look("packages", packages, "")
    yield _look("editors", editors, "")


@dataclass(slots=True)
class _Opened:
    """What the checks of the model hand on, as far as they came."""

    engine: Engine | None = None
    vocabulary: Vocabulary | None = None


def _of_the_model(model: Path | None) -> Iterator[Finding]:
    opened = _Opened()
    yield _look(
        "model",
        lambda: _open(model, opened),
        "name another GGUF file by --model, or in the setting model.path",
    )
    engine = opened.engine
    if engine is None:
        for what in ("FIM tokens", "speed", "llguidance", "grammar"):
            yield Finding(what=what, well=False, detail="not tried, for the model did not open")
        return
    try:
        yield _look("FIM tokens", lambda: fim_tokens(engine), "")
        yield _look("speed", lambda: speed(engine), "take a smaller model, or a build for the GPU")
        yield _look("llguidance", lambda: vocabulary(engine, opened), _REINSTALL)
        yield _look("grammar", lambda: grammar(opened), _REINSTALL)
    finally:
        engine.close()


def _look(what: str, check: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(what=what, well=True, detail=check())
    except EngineError as fault:
        detail = str(fault)
    except Exception as fault:
        detail = f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__
    return Finding(what=what, well=False, detail=" ".join(detail.split()), remedy=remedy)


def python() -> str:
    found = f"{platform.python_implementation()} {platform.python_version()} in {sys.prefix}"
    if sys.version_info < _OLDEST:
        raise RuntimeError(f"{found} is too old")
    return found


def processor() -> str:
    from tenon.engine.probe import check_processor

    check_processor()
    return f"{platform.machine()}, has every instruction that the build uses"


def build() -> str:
    from tenon.engine.probe import build_info

    info = build_info()
    amx = "; its AMX code is kept off, for older compilers get it wrong" if info.amx else ""
    return f"llama-cpp-python {info.version} with {', '.join(info.features)}{amx}"


def devices() -> str:
    from tenon.engine.probe import build_info
    from tenon.engine.probe import devices as found

    listed = [
        f"{device.description or device.name} ({device.kind}"
        + (f", {device.memory_total / 2**30:.0f} GiB)" if device.memory_total else ")")
        for device in found()
    ]
    if not listed:
        raise RuntimeError("llama.cpp finds nothing to compute on")
    return "; ".join(listed) + ("" if build_info().gpu else "; the build has no GPU support")


def manifest(model: Path | None) -> str:
    from tenon.engine.models import manifest_for, verify
    from tenon.engine.presets import in_use

    path = in_use(str(model) if model else None)
    known = manifest_for(path)
    if known is None:
        if not path.is_file():
            raise EngineError(f"{path}: there is no such file")
        return f"{path} is a file of your own; nothing is known of it but what it says itself"
    verify(path, known)
    return f"{known.name}, {known.quantisation}, {known.licence}, sha256 {known.sha256[:12]}… holds"


def _open(model: Path | None, opened: _Opened) -> str:
    from tenon.engine.llama import LlamaEngine
    from tenon.engine.presets import in_use

    started = time.perf_counter()
    engine = opened.engine = LlamaEngine.open(in_use(str(model) if model else None))
    info = engine.info
    return (
        f"{info.name}: {info.n_vocab} tokens of vocabulary, context {info.context_length}, "
        f"{engine.kept.memory >> 20} MiB for what it has read of other documents, "
        f"opened in {time.perf_counter() - started:.1f} s"
    )


def fim_tokens(engine: Engine) -> str:
    """A model without them does not open; what is left is to name them."""
    fim = engine.info.fim
    return f"prefix {fim.prefix}, suffix {fim.suffix}, middle {fim.middle}"


def speed(engine: Engine) -> str:
    from tenon.engine.fim import prompt_budget, suffix_budget
    from tenon.engine.probe import probe

    measured = probe(engine)
    budget = prompt_budget(engine.info, measured)
    found = (
        f"prefill {measured.prefill_tokens_per_s:.0f} tokens/s, "
        f"decode {measured.decode_tokens_per_s:.0f} tokens/s; so prompts hold {budget} tokens, "
        f"{suffix_budget(budget, measured)} of them for what follows the cursor"
    )
    if measured.decode_tokens_per_s < _SLOW:
        raise RuntimeError(f"{found}: too slow to complete while typing")
    return found


def vocabulary(engine: Engine, opened: _Opened) -> str:
    from tenon.decoding.vocabulary import Vocabulary

    started = time.perf_counter()
    opened.vocabulary = Vocabulary(engine.vocab_handle, end=engine.info.end_token)
    took = time.perf_counter() - started
    return f"{_version('llguidance')}, reads the vocabulary in {took * 1000:.0f} ms"


def grammar(opened: _Opened) -> str:
    from tenon.constraints.grammar import Grammar, python_grammar
    from tenon.decoding.matcher import Grammars

    if opened.vocabulary is None:
        raise RuntimeError("not tried, for llguidance did not take the vocabulary")
    started = time.perf_counter()
    text = python_grammar(("",), "    ")
    matcher = Grammars(opened.vocabulary).matcher(Grammar(kind="lark", text=text))
    took = time.perf_counter() - started
    if not matcher.feed("def probe(x):\n    return [y for y in x]\n"):
        raise RuntimeError("compiles, but does not take a plain function")
    return f"Python's compiles in {took * 1000:.0f} ms"


def tree_sitter() -> str:
    from tenon.syntax.context import Role
    from tenon.syntax.python import PythonSyntax
    from tenon.text import Document

    text = "def probe(x):\n    return x.\n"
    document = Document(uri="untitled:probe.py", version=1, text=text)
    context = PythonSyntax().context(document, len(text) - 1)
    if context.role is not Role.ATTRIBUTE:
        raise RuntimeError(f"takes an attribute for another role: {context.role}")
    return f"{_version('tree-sitter')}, finds its way in half-written code"


def analysis() -> str:
    from tenon.constraints.constraint import AllOf, Verdict
    from tenon.constraints.derive import derive
    from tenon.semantics import Analyser
    from tenon.syntax.python import PythonSyntax
    from tenon.text import Deadline, Document

    document = Document(uri="untitled:probe.py", version=1, text="import os\nos.")
    context = PythonSyntax().context(document, len(document.text))
    facts = Analyser(None).analyse(document, context, Deadline(at=math.inf))
    known = AllOf(derive(context, facts))
    verdicts = [known.judge(f"{name}\n").verdict for name in ("getcwd()", "no_such_name()")]
    if verdicts != [Verdict.COMPLETE, Verdict.DEAD]:
        raise RuntimeError(f"cannot tell what the module os holds: {verdicts}")
    return f"typeshed's stubs from jedi {_version('jedi')}"


def packages() -> str:
    from tenon.commands.source import root_of
    from tenon.semantics.interpreter import interpreter

    return f"for code in this folder: {interpreter(root_of(Path.cwd()))}"


def editors() -> str:
    """A hint, never a fault: an editor may well run elsewhere, and name the command by its path."""
    present = [name for name in ("code", "codium", "nvim") if shutil.which(name)]
    found = ", ".join(present) or "none known"
    command = shutil.which("tenon")
    if command is None:
        own = Path(sys.executable).parent / "tenon"
        return f"{found} on the PATH, but not `tenon`: name {own} in the editor's settings"
    return f"{found} on the PATH; they start {command} serve"


def _version(package: str) -> str:
    return importlib.metadata.version(package)
