"""llama.cpp itself: found fit for this processor, loaded once, its log turned into ours.

Everything in `engine` reaches llama.cpp through `library()`. Knows nothing of models.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import logging
import os
import platform
import re
import sys
from collections import deque
from pathlib import Path
from types import ModuleType

from tenon.engine.engine import EngineError

logger = logging.getLogger("tenon.llama")

REBUILD = (
    "rebuild llama-cpp-python for this machine: "
    'CMAKE_ARGS="-DGGML_NATIVE=OFF {options}" '
    "pip install --force-reinstall --no-cache-dir --no-binary :all: --no-deps llama-cpp-python"
)

_FEATURES = {
    # What the build may demand: ggml's own question, the name in cpuinfo, the cmake option.
    "ggml_cpu_has_avx": ("avx", "GGML_AVX"),
    "ggml_cpu_has_avx2": ("avx2", "GGML_AVX2"),
    "ggml_cpu_has_fma": ("fma", "GGML_FMA"),
    "ggml_cpu_has_f16c": ("f16c", "GGML_F16C"),
    "ggml_cpu_has_bmi2": ("bmi2", "GGML_BMI2"),
    "ggml_cpu_has_avx512": ("avx512f", "GGML_AVX512"),
    "ggml_cpu_has_avx512_vnni": ("avx512_vnni", "GGML_AVX512_VNNI"),
    "ggml_cpu_has_avx512_vbmi": ("avx512vbmi", "GGML_AVX512_VBMI"),
    "ggml_cpu_has_avx512_bf16": ("avx512_bf16", "GGML_AVX512_BF16"),
}
_LEVELS = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.INFO, 4: logging.WARNING}
_CONTINUED = 5
_TAKEN_BACK = re.compile(
    r"graph_compute_async failed with error 1\Z|failed to compute graph, compute status: 1\Z"
    r"|failed to decode, ret = 2\Z|decode: removing memory module entries"
)
"""How llama.cpp tells of an evaluation that it was asked to stop: no fault, and no news."""


class _Log:
    """llama.cpp's log callback: joins its fragments to lines, hands them to `logging`."""

    def __init__(self) -> None:
        self.complaints: deque[str] = deque(maxlen=8)
        self._fragments: list[str] = []
        self._level = logging.DEBUG
        self.callback: object = None

    def __call__(self, level: int, text: bytes, _: object) -> None:
        if level != _CONTINUED:
            self._level = _LEVELS.get(level, logging.DEBUG)
        self._fragments.append(text.decode("utf-8", errors="replace"))
        if not text.endswith(b"\n"):
            return
        line = "".join(self._fragments).strip()
        self._fragments.clear()
        level = logging.DEBUG if _TAKEN_BACK.search(line) else self._level
        if level >= logging.WARNING:
            self.complaints.append(line)
        logger.log(level, "%s", line)


_log = _Log()


@functools.cache
def library() -> ModuleType:
    """llama.cpp's C interface. Raises EngineError where it cannot run.

    Imported on first use: it takes half a second, and on a processor it was not built for
    its first instruction would end the process.
    """
    check_processor()
    # On an inner fault llama.cpp would start a debugger, to print a trace.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    try:
        from llama_cpp import llama_cpp as native
    except (ImportError, OSError, RuntimeError) as error:
        raise EngineError(f"llama.cpp could not be loaded: {error}") from error
    # The attribute keeps the callback alive for as long as llama.cpp may call it.
    _log.callback = native.llama_log_callback(_log)
    native.llama_log_set(_log.callback, None)
    native.llama_backend_init()
    return native


def complaint() -> str:
    """What llama.cpp last complained of since the last call, or ""; for error messages."""
    lines = list(_log.complaints)
    _log.complaints.clear()
    return "; ".join(lines[:2])


def check_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Raise EngineError where the build uses instructions that this processor lacks.

    Linux on x86-64 alone: elsewhere the question cannot be asked this way, and an ARM or
    Apple build uses what every such processor has.
    """
    if not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "AMD64"):
        return
    flags = _flags(cpuinfo)
    if not flags:
        return
    missing = [
        (name, option)
        for name, option in (_FEATURES[question] for question in _demanded())
        if name not in flags
    ]
    if missing:
        names = ", ".join(name.upper() for name, _ in missing)
        options = " ".join(f"-D{option}=OFF" for _, option in missing)
        raise EngineError(
            f"this processor lacks {names}, which this build of llama.cpp uses; "
            + REBUILD.format(options=options)
        )


def _flags(cpuinfo: Path) -> frozenset[str]:
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()


def _demanded() -> list[str]:
    """The features compiled into the processor backend, asked of that library alone: loading
    it runs no code of its own, and the answers are constants."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        return []
    folder = os.environ.get("LLAMA_CPP_LIB_PATH") or Path(spec.origin).parent / "lib"
    backend = Path(folder) / "libggml-cpu.so"
    try:
        native = ctypes.CDLL(str(backend))
    except OSError:
        return []
    return [question for question in _FEATURES if _yes(native, question)]


def _yes(native: ctypes.CDLL, question: str) -> bool:
    try:
        return bool(getattr(native, question)())
    except AttributeError:
        return False
