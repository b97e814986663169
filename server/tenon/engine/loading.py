"""From a file to a model and its context in memory: the parameters, and every way to fail.

Owns the choice of threads and batches. Knows nothing of how the model is then used.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tenon.engine.engine import EngineError, FimTokens, ModelInfo
from tenon.engine.gguf import inspect
from tenon.engine.library import complaint, library
from tenon.engine.models import suffix_lines, trained_window

_BATCH = 512
"""Tokens handed to llama.cpp at once, if the context has room for so many."""
_PROCESSOR_UBATCH, _LEAST_UBATCH = 128, 32
"""Tokens computed at once on the processor: more are no faster there, fewer than the least are
slower by a tenth and more."""
_PATIENCE = 450_000_000
"""Products that one thread may compute before it is asked whether to stop, which is between two
operations: some 15 ms, and a request that was taken back waits no longer."""
MOST_LOGITS = 16
"""Tokens of one batch whose logits may be wanted. llama.cpp reserves a row of the vocabulary
for each: were it a whole batch, a vocabulary of 152k would take 80 MB that nobody reads."""
_SMALL = 32 << 20
"""Bytes of weights below which a step is too short to be worth sharing between threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """llama.cpp's handles, which whoever holds this must free, and what the model says of
    itself."""

    model: Any
    context: Any
    info: ModelInfo
    on_gpu: bool


def load(
    path: str | Path, *, n_gpu_layers: int, threads: int | None, context_length: int
) -> Loaded:
    """See `LlamaEngine.open`."""
    path = Path(path).expanduser()
    metadata = inspect(path)
    native = library()
    complaint()
    model = native.llama_model_load_from_file(
        os.fsencode(path), _model_params(native, n_gpu_layers)
    )
    if not model:
        raise EngineError(f"{path}: llama.cpp cannot load it: {complaint() or 'no reason given'}")
    on_gpu = n_gpu_layers != 0 and native.llama_supports_gpu_offload()
    try:
        trained = native.llama_model_n_ctx_train(model)
        length = min(context_length, trained) if trained > 0 else context_length
        fim = _fim_tokens(native, model, path)
        small = path.stat().st_size < _SMALL
        batch_threads = threads or default_threads()
        context = native.llama_init_from_model(
            model,
            _context_params(
                native,
                length,
                batch_threads,
                step_threads=1 if small and threads is None else batch_threads,
                ubatch=_BATCH if on_gpu else _ubatch(metadata, batch_threads),
            ),
        )
        if not context:
            raise EngineError(
                f"{path}: no memory for a context of {length} tokens; set a smaller "
                f"context length: {complaint() or 'no reason given'}"
            )
    except BaseException:
        native.llama_model_free(model)
        raise
    vocab = native.llama_model_get_vocab(model)
    n_vocab = native.llama_vocab_n_tokens(vocab)
    ends = _end_tokens(native, vocab, n_vocab, fim)
    end = native.llama_vocab_eos(vocab)
    info = ModelInfo(
        path=str(path),
        name=str(metadata.get("general.name") or path.stem),
        n_vocab=n_vocab,
        context_length=native.llama_n_ctx(context),
        trained_window=trained_window(path, trained),
        suffix_lines=suffix_lines(path),
        fim=fim,
        end_token=end if end in ends else min(ends),
        end_tokens=ends,
        rewinds=not (
            native.llama_model_is_recurrent(model) or native.llama_model_is_hybrid(model)
        ),
        begin_token=(
            native.llama_vocab_bos(vocab) if native.llama_vocab_get_add_bos(vocab) else None
        ),
    )
    return Loaded(model=model, context=context, info=info, on_gpu=on_gpu)


def default_threads() -> int:
    """The physical cores this process may use, less one, which is left to the analysis of
    the text and to the editor: threads of llama.cpp wait for each other at every operation,
    and one without a core of its own makes a step take tens of milliseconds."""
    return max(1, physical_cores() - 1)


def physical_cores() -> int:
    """Physical cores that this process may run on."""
    logical = psutil.cpu_count() or 1
    physical = psutil.cpu_count(logical=False) or logical
    try:
        usable = len(psutil.Process().cpu_affinity())
    except AttributeError:
        usable = logical
    return max(1, min(physical, usable))


def _model_params(native: Any, n_gpu_layers: int) -> Any:
    params = native.llama_model_default_params()
    params.n_gpu_layers = n_gpu_layers
    params.load_mode = native.LLAMA_LOAD_MODE_MMAP
    # A build made for a processor with AMX by an older compiler dies in its first quantised
    # product; the repacked weight buffers are where it uses AMX.
    params.use_extra_bufts = False
    return params


def _context_params(
    native: Any, length: int, threads: int, *, step_threads: int, ubatch: int
) -> Any:
    params = native.llama_context_default_params()
    params.n_ctx = length
    params.n_batch = _BATCH
    params.n_ubatch = ubatch
    params.n_outputs_max = MOST_LOGITS
    params.n_threads_batch = threads
    params.n_threads = step_threads
    params.no_perf = True
    return params


def _ubatch(metadata: dict[str, Any], threads: int) -> int:
    """Tokens computed at once, so that the largest operation ends in good time; where the file
    does not say how large that is, as many as are worth it."""
    architecture = metadata.get("general.architecture")
    sizes = [
        metadata.get(f"{architecture}.{key}") for key in ("embedding_length", "feed_forward_length")
    ]
    if not all(isinstance(size, int) and size > 0 for size in sizes):
        return _PROCESSOR_UBATCH
    tokens = _PROCESSOR_UBATCH
    while tokens > _LEAST_UBATCH and tokens * math.prod(sizes) > _PATIENCE * threads:
        tokens //= 2
    return tokens


def _fim_tokens(native: Any, model: Any, path: Path) -> FimTokens:
    vocab = native.llama_model_get_vocab(model)
    prefix = native.llama_vocab_fim_pre(vocab)
    suffix = native.llama_vocab_fim_suf(vocab)
    middle = native.llama_vocab_fim_mid(vocab)
    missing = [
        name
        for name, token in (("prefix", prefix), ("suffix", suffix), ("middle", middle))
        if token < 0
    ]
    if missing:
        raise EngineError(
            f"{path}: its vocabulary has no fill-in-the-middle token for {', '.join(missing)}; "
            "choose a model that was trained to fill in the middle"
        )
    return FimTokens(prefix=prefix, suffix=suffix, middle=middle)


def _end_tokens(native: Any, vocab: Any, n_vocab: int, fim: FimTokens) -> frozenset[int]:
    """What llama.cpp calls end of generation (end of text and of turn, padding, file and
    repository separators), and the markers: a model that begins another hole has done with
    this one."""
    ends = {token for token in range(n_vocab) if native.llama_vocab_is_eog(vocab, token)}
    return frozenset(ends | {fim.prefix, fim.suffix, fim.middle})
