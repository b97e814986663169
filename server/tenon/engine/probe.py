"""What the engine runs on and how fast: for `tenon doctor` and for the log."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from tenon.engine.engine import Engine, EngineError
from tenon.engine.library import check_processor, library
from tenon.text import CancelToken

__all__ = [
    "BuildInfo",
    "Device",
    "Kind",
    "Speed",
    "build_info",
    "check_processor",
    "devices",
    "probe",
]

_SAMPLE = b"""\
def total(values):
    result = 0
    for value in values:
        result += value
    return result


"""
_STEPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    prefill_tokens_per_s: float
    decode_tokens_per_s: float


class Kind(StrEnum):
    CPU = "processor"
    GPU = "GPU"
    INTEGRATED_GPU = "integrated GPU"
    ACCELERATOR = "accelerator"


_KINDS = (Kind.CPU, Kind.GPU, Kind.INTEGRATED_GPU, Kind.ACCELERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device that llama.cpp can compute on."""

    name: str
    description: str
    kind: Kind
    memory_free: int
    """Bytes, as the device reports them; 0 where it does not."""
    memory_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInfo:
    version: str
    """Of llama-cpp-python."""
    features: tuple[str, ...]
    """Instruction sets and backends compiled in: "AVX2", "CUDA" …"""
    gpu: bool
    """The build can use a GPU; whether there is one is what `devices` says."""
    amx: bool
    """The build has AMX code, which older compilers get wrong; `LlamaEngine` keeps off it."""


def probe(engine: Engine, *, prompt_tokens: int = 256, steps: int = _STEPS) -> Speed:
    """Measure an engine; takes some 300 ms with the bundled model. Its context is lost."""
    cancel = CancelToken()
    sample = engine.tokenize(_SAMPLE)
    size = min(prompt_tokens, engine.info.context_length - steps)
    tokens = (sample * (size // len(sample) + 1))[:size]
    # The first evaluation pays for pages and buffers; a first token of its own keeps the
    # second from being served out of the cache.
    engine.prefill([engine.info.fim.prefix, *tokens[1:]], cancel)
    started = time.perf_counter()
    logits = engine.prefill(tokens, cancel)
    prefilled = time.perf_counter()
    for _ in range(steps):
        logits = engine.step([int(logits.argmax())], cancel)
    done = time.perf_counter()
    return Speed(
        prefill_tokens_per_s=size / (prefilled - started),
        decode_tokens_per_s=steps / (done - prefilled),
    )


def build_info() -> BuildInfo:
    """How llama.cpp was built. Raises EngineError where it cannot be loaded."""
    import llama_cpp

    native = library()
    # "CPU : SSE3 = 1 | AVX = 1 | … | REPACK = 1 | "
    items = native.llama_print_system_info().decode().replace(":", "|").split("|")
    named = [item.strip().partition(" = ") for item in items]
    features = tuple(name for name, _, value in named if name and value in ("1", ""))
    return BuildInfo(
        version=llama_cpp.__version__,
        features=features,
        gpu=bool(native.llama_supports_gpu_offload()),
        amx=any(name.startswith("AMX") for name in features),
    )


def devices() -> tuple[Device, ...]:
    """The devices llama.cpp can compute on here. Raises EngineError where it cannot be loaded."""
    ggml = _Ggml(library())
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        kind = ggml.ggml_backend_dev_type(device)
        found.append(
            Device(
                name=ggml.ggml_backend_dev_name(device).decode(errors="replace"),
                description=ggml.ggml_backend_dev_description(device).decode(errors="replace"),
                kind=_KINDS[kind] if kind < len(_KINDS) else Kind.ACCELERATOR,
                memory_free=free.value,
                memory_total=total.value,
            )
        )
    return tuple(found)


class _Ggml:
    """The functions of ggml's device registry, which llama_cpp does not declare."""

    _RESULTS = {
        "ggml_backend_dev_count": ctypes.c_size_t,
        "ggml_backend_dev_get": ctypes.c_void_p,
        "ggml_backend_dev_name": ctypes.c_char_p,
        "ggml_backend_dev_description": ctypes.c_char_p,
        "ggml_backend_dev_type": ctypes.c_int,
        "ggml_backend_dev_memory": None,
    }
    _ARGUMENTS = {
        "ggml_backend_dev_count": [],
        "ggml_backend_dev_get": [ctypes.c_size_t],
        "ggml_backend_dev_memory": [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_size_t),
            ctypes.POINTER(ctypes.c_size_t),
        ],
    }

    def __init__(self, native: ModuleType) -> None:
        # llama.cpp's own library answers for those it depends on, but not on Windows.
        llama = Path(native._lib._name)
        beside = (
            llama.with_name(llama.name.replace("llama", name)) for name in ("ggml", "ggml-base")
        )
        paths = [llama, *(path for path in beside if path.exists())]
        self._libraries = [ctypes.CDLL(str(path)) for path in paths]

    def __getattr__(self, name: str) -> Any:
        for native in self._libraries:
            function = getattr(native, name, None)
            if function is not None:
                function.restype = self._RESULTS[name]
                function.argtypes = self._ARGUMENTS.get(name, [ctypes.c_void_p])
                return function
        raise EngineError(f"this build of llama.cpp lacks {name}")
