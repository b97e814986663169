"""LlamaEngine: a GGUF model in this process, through llama.cpp's C interface.

Owns the model, its context and the account of which tokens the KV cache holds. Knows nothing
of prompts, text roles or constraints.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenon.engine.engine import EngineError, ModelInfo
from tenon.engine.library import complaint, library
from tenon.engine.loading import Loaded, load
from tenon.text import Cancelled, CancelToken

_WATCHED = 16
"""Calls with more tokens than this can be stopped half-way; a shorter one is over sooner than
a thread would notice."""
_POLL = 0.004
"""Seconds between two looks at the cancel token during a watched call."""
_ABORTED = 2
"""llama_decode's return code when the abort callback said stop."""


class LlamaEngine:
    """Implements `Engine`. Use `LlamaEngine.open`."""

    info: ModelInfo

    def __init__(self, loaded: Loaded) -> None:
        native = self._native = library()
        self._model = loaded.model
        self._context = loaded.context
        self._vocab = native.llama_model_get_vocab(loaded.model)
        self._memory = native.llama_get_memory(loaded.context)
        self.info = info = loaded.info
        self._batch = native.llama_n_batch(loaded.context)
        self._cached: list[int] = []
        """Exactly the tokens the KV cache holds, in order."""
        self._pieces: list[bytes | None] = [None] * info.n_vocab
        self._piece = ctypes.create_string_buffer(256)
        self._logits = np.empty(0, dtype=np.float32)
        self._logits_at = 0
        # A call that lets go of the interpreter lock waits up to 5 ms to have it back when
        # another thread computes: these two are over in a microsecond, and keep it. On a GPU
        # reading the logits is where the computation is waited for.
        waits, quick = ctypes.CDLL(native._lib._name), ctypes.PyDLL(native._lib._name)
        self._logits_address = (waits if loaded.on_gpu else quick).llama_get_logits_ith
        self._logits_address.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        self._logits_address.restype = ctypes.c_void_p
        self._remove = quick.llama_memory_seq_rm
        self._remove.argtypes = native.llama_memory_seq_rm.argtypes
        self._remove.restype = ctypes.c_bool
        # llama.cpp asks between any two operations whether to stop, hundreds of times a
        # call. Were the question Python, each answer would wait for the interpreter lock.
        # So C's own strlen answers: of a string that is empty until `_stop` gets a first byte.
        self._stop = ctypes.create_string_buffer(2)
        self._abort = ctypes.cast(_c_library().strlen, native.ggml_abort_callback)
        native.llama_set_abort_callback(
            loaded.context, self._abort, ctypes.cast(self._stop, ctypes.c_void_p)
        )

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        n_gpu_layers: int = -1,
        threads: int | None = None,
        context_length: int = 2048,
    ) -> LlamaEngine:
        """Load a model. Raises EngineError naming the file and the reason.

        `context_length` counts prompt and answer together and is cut to what the model was
        made for; `threads=None` means `default_threads()`, and for the steps of a small model
        one.
        """
        return cls(
            load(path, n_gpu_layers=n_gpu_layers, threads=threads, context_length=context_length)
        )

    @property
    def vocab_handle(self) -> Any:
        return self._vocab

    def tokenize(self, text: bytes) -> list[int]:
        """Plain text, no special tokens added or parsed.

        Bytes that are no UTF-8 count as U+FFFD: llama.cpp would end the process at some.
        """
        text = text.decode("utf-8", errors="replace").encode()
        room = len(text) + 2
        tokens = (ctypes.c_int32 * room)()
        count = self._native.llama_tokenize(
            self._vocab, text, len(text), tokens, room, False, False
        )
        if count < 0:
            raise EngineError(f"{self.info.path}: the text could not be cut into tokens")
        return tokens[:count]

    def token_bytes(self, token: int) -> bytes:
        """The bytes a token stands for; b"" for control tokens."""
        piece = self._pieces[token]
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token)
        return piece

    def _read_piece(self, token: int) -> bytes:
        size = len(self._piece)
        length = self._native.llama_token_to_piece(self._vocab, token, self._piece, size, 0, False)
        if length < 0:
            self._piece = ctypes.create_string_buffer(-length)
            return self._read_piece(token)
        return self._piece.raw[:length]

    def prefill(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        """Make `tokens` the whole context; the logits after the last one.

        See `Engine.prefill`. What the cache already holds is not computed again, but for the
        last token, whose logits are wanted.
        """
        self._expect_room(len(tokens))
        cancel.check()
        self._keep(min(_common(self._cached, tokens), len(tokens) - 1))
        return self._append(tokens[len(self._cached) :], cancel)

    def step(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        """Append `tokens` to the context; the logits after the last one."""
        self._expect_room(len(self._cached) + len(tokens))
        cancel.check()
        return self._append(tokens, cancel)

    def rollback(self, count: int) -> None:
        """Forget the last `count` tokens of the context. The next `step` goes on from there."""
        self._keep(max(len(self._cached) - count, 0))

    @property
    def n_tokens(self) -> int:
        """Tokens in the context."""
        return len(self._cached)

    def close(self) -> None:
        """Free the model. Logits handed out before must not be read after. Idempotent."""
        if self._context:
            self._native.llama_free(self._context)
            self._native.llama_model_free(self._model)
            self._context = self._model = self._vocab = self._memory = None
            self._logits = np.empty(0, dtype=np.float32)
            self._cached.clear()

    def _expect_room(self, wanted: int) -> None:
        if not self._context:
            raise EngineError(f"{self.info.path}: the model is closed")
        if wanted > self.info.context_length:
            raise EngineError(
                f"{self.info.path}: {wanted} tokens do not fit the context of "
                f"{self.info.context_length}"
            )

    def _keep(self, n_tokens: int) -> None:
        """Cut the cache back to its first `n_tokens`; to none, where the model's memory
        (a recurrent one) cannot be cut in the middle."""
        if n_tokens >= len(self._cached):
            return
        if n_tokens and self._remove(self._memory, 0, n_tokens, -1):
            del self._cached[n_tokens:]
        else:
            self._forget()

    def _forget(self) -> None:
        self._native.llama_memory_clear(self._memory, False)
        self._cached.clear()

    def _append(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        if not tokens:
            raise EngineError(f"{self.info.path}: no tokens to evaluate")
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        with self._stopping(cancel, watched=len(tokens) > _WATCHED):
            for start in range(0, len(tokens), self._batch):
                cancel.check()
                size = min(self._batch, len(tokens) - start)
                first = ctypes.cast(ctypes.byref(array, 4 * start), ctypes.POINTER(ctypes.c_int32))
                code = self._native.llama_decode(
                    self._context, self._native.llama_batch_get_one(first, size)
                )
                if code:
                    self._recover(tokens[start : start + size])
                    if code == _ABORTED:
                        raise Cancelled
                    raise EngineError(
                        f"{self.info.path}: evaluation failed ({code}): {complaint()}"
                    )
                self._cached.extend(tokens[start : start + size])
        return self._read_logits()

    @contextmanager
    def _stopping(self, cancel: CancelToken, *, watched: bool) -> Iterator[None]:
        """While inside, a cancelled token stops llama.cpp between two operations."""
        if not watched:
            yield
            return
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_POLL):
                if cancel.cancelled:
                    self._stop[0] = b"!"
                    return

        watcher = threading.Thread(target=watch, name="tenon-cancel", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self._stop[0] = b"\0"

    def _recover(self, batch: Sequence[int]) -> None:
        """After a call that ended early: keep what of its batch the cache really holds."""
        held = self._native.llama_memory_seq_pos_max(self._memory, 0) + 1
        whole = len(self._cached)
        if whole <= held <= whole + len(batch):
            self._cached.extend(batch[: held - whole])
        else:
            self._forget()

    def _read_logits(self) -> NDArray[np.float32]:
        """llama.cpp's own buffer as an array; the wrapper is kept, for making one costs more
        than the call."""
        at = self._logits_address(self._context, -1)
        if not at:
            raise EngineError(f"{self.info.path}: the model gave no logits: {complaint()}")
        if at != self._logits_at:
            buffer = (ctypes.c_float * self.info.n_vocab).from_address(at)
            self._logits = np.frombuffer(buffer, dtype=np.float32)
            self._logits_at = at
        return self._logits


def _common(old: Sequence[int], new: Sequence[int]) -> int:
    """Length of the longest common prefix."""
    length = min(len(old), len(new))
    if old[:length] == list(new[:length]):
        return length
    return next(index for index in range(length) if old[index] != new[index])


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)
