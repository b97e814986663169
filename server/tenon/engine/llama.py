"""LlamaEngine: a GGUF model in this process, through llama.cpp's C interface.

Owns the model, its context and the account of which tokens the KV cache holds. Knows nothing
of prompts, text roles or constraints.

The context holds one sequence. A second document does not get a second one beside it: attention
over cells that two sequences share costs a tenth to a quarter more a token, and streams of their
own must all be paid for at the start. What the sequence held is laid aside in plain memory
instead (`kept.py`), and comes back a thousand times faster than it was computed.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenon.engine.engine import EngineError, ModelInfo
from tenon.engine.kept import Kept, common
from tenon.engine.library import complaint, library
from tenon.engine.loading import MOST_LOGITS, Loaded, load
from tenon.text import Cancelled, CancelToken

_WORTH = 48
"""Tokens that a state laid aside must spare, or a state must hold, before it is worth a copy."""
_MEMORY = 128 << 20
_LEAST_PART = 32
"""Tokens of a prompt that are read at a stretch, at least. What is broken off loses the part it was
in: who types while a large model reads would never see it get further, were no part smaller than
llama.cpp's own."""
_ABORTED = 2
"""llama_decode's return code when the abort callback said stop."""


class LlamaEngine:
    """Implements `Engine`. Use `LlamaEngine.open`."""

    info: ModelInfo
    reused: int

    def __init__(self, loaded: Loaded, *, memory: int = _MEMORY) -> None:
        native = self._native = library()
        self._model = loaded.model
        self._context = loaded.context
        self._vocab = native.llama_model_get_vocab(loaded.model)
        self._memory = native.llama_get_memory(loaded.context)
        self.info = loaded.info
        self.reused = 0
        self._batch = native.llama_n_batch(loaded.context)
        self._cached: list[int] = []
        """Exactly the tokens the KV cache holds, in order."""
        self.kept = Kept(loaded.context, memory=memory)
        self._pieces: dict[int, bytes] = {}
        self._piece = ctypes.create_string_buffer(256)
        self._ids = (ctypes.c_int32 * self._batch)()
        """The tokens of the batch in hand."""
        self._first = ctypes.cast(self._ids, ctypes.POINTER(ctypes.c_int32))
        self._whole_part = native.llama_n_ubatch(loaded.context)
        """Tokens that llama.cpp reads at a stretch itself."""
        self._part = self._batch
        """Tokens that are read at a stretch: fewer, and at a higher price, where nothing had been
        gained when the reading was broken off."""
        self._unwanted = (ctypes.c_int8 * self._batch)()
        """Marks every token of a batch as one whose logits nobody reads."""
        self._wanted = (ctypes.c_int8 * MOST_LOGITS)(*[1] * MOST_LOGITS)
        """Marks every token of a batch as one whose logits are wanted."""
        self._rows: dict[int, NDArray[np.float32]] = {}
        """Views of llama.cpp's own buffer, by address: making one costs more than the call."""
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
        memory: int = _MEMORY,
    ) -> LlamaEngine:
        """Load a model. Raises EngineError naming the file and the reason.

        `context_length` counts prompt and answer together and is cut to what the model was
        made for; `threads=None` means `default_threads()`, and for the steps of a small model
        one. `memory` is the most that states of other documents may take, in bytes.
        """
        loaded = load(
            path, n_gpu_layers=n_gpu_layers, threads=threads, context_length=context_length
        )
        return cls(loaded, memory=memory)

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
        piece = self._pieces.get(token)
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
        shared = self._turn_to(tokens)
        self._keep(min(shared, len(tokens) - 1))
        self.reused = len(self._cached)
        return self._append(tokens[len(self._cached) :], cancel)

    def step(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        """Append `tokens` to the context; the logits after the last one."""
        self._expect_room(len(self._cached) + len(tokens))
        return self._append(tokens, cancel)

    def step_each(
        self, tokens: Sequence[int], cancel: CancelToken
    ) -> list[NDArray[np.float32]]:
        """Append `tokens`, at most `MOST_LOGITS`, in one batch; the logits after each."""
        count = len(tokens)
        self._expect_room(len(self._cached) + count)
        if not 0 < count <= MOST_LOGITS:
            raise EngineError(f"{self.info.path}: {count} logits wanted of one batch")
        self._evaluate(tokens, cancel, self._wanted)
        return [self._row(index - count) for index in range(count)]

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
            self._rows.clear()
            self.kept.clear()
            self._cached.clear()

    def _expect_room(self, wanted: int) -> None:
        if not self._context:
            raise EngineError(f"{self.info.path}: the model is closed")
        if wanted > self.info.context_length:
            raise EngineError(
                f"{self.info.path}: {wanted} tokens do not fit the context of "
                f"{self.info.context_length}"
            )

    def _turn_to(self, tokens: Sequence[int]) -> int:
        """Have the state that `tokens` share most with in the cache; how many they share."""
        shared = common(self._cached, tokens)
        state, spared = self.kept.nearest(tokens)
        if 2 * shared < len(self._cached) and len(self._cached) - shared > _WORTH:
            # This is another document, or another place: the one left will be come back to.
            self.kept.lay_aside(self._cached)
        if state is None or spared - shared <= _WORTH:
            return shared
        self._forget()
        self._cached.extend(self.kept.take_back(state))
        return min(spared, len(self._cached))

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
        """Evaluate `tokens`, part by part; the logits after the last."""
        if not tokens:
            raise EngineError(f"{self.info.path}: no tokens to evaluate")
        part, held = self._part, len(self._cached)
        last = len(tokens) - 1 - (len(tokens) - 1) % part
        try:
            for start in range(0, last, part):
                self._evaluate(tokens[start : start + part], cancel, self._unwanted)
            self._evaluate(tokens[last:], cancel)
        except Cancelled:
            if len(self._cached) == held:
                self._part = max(_LEAST_PART, min(part, self._whole_part) // 2)
            raise
        self._part = self._batch
        return self._row(-1)

    def _evaluate(
        self, part: Sequence[int], cancel: CancelToken, wanted: ctypes.Array[Any] | None = None
    ) -> None:
        """Evaluate one batch, with the logits that are `wanted`, or those after its last token."""
        cancel.check()
        self._ids[: len(part)] = part
        batch = self._native.llama_batch_get_one(self._first, len(part))
        if wanted is not None:
            batch.logits = wanted
        try:
            with cancel.stopping(self._stop_computing):
                code = self._native.llama_decode(self._context, batch)
        finally:
            self._stop[0] = b"\0"
        if not code:
            self._cached.extend(part)
            return
        self._recover(part)
        if code == _ABORTED:
            raise Cancelled
        raise EngineError(f"{self.info.path}: evaluation failed ({code}): {complaint()}")

    def _stop_computing(self) -> None:
        """llama.cpp stops between two operations."""
        self._stop[0] = b"!"

    def _recover(self, batch: Sequence[int]) -> None:
        """After a call that ended early: keep what of its batch the cache really holds."""
        held = self._native.llama_memory_seq_pos_max(self._memory, 0) + 1
        whole = len(self._cached)
        if whole <= held <= whole + len(batch):
            self._cached.extend(batch[: held - whole])
        else:
            self._forget()

    def _row(self, index: int) -> NDArray[np.float32]:
        """One row of the last batch's logits, the last being -1, where llama.cpp keeps it."""
        at = self._logits_address(self._context, index)
        if not at:
            raise EngineError(f"{self.info.path}: the model gave no logits: {complaint()}")
        row = self._rows.get(at)
        if row is None:
            if len(self._rows) > 4 * MOST_LOGITS:
                self._rows.clear()
            buffer = (ctypes.c_float * self.info.n_vocab).from_address(at)
            row = self._rows[at] = np.frombuffer(memoryview(buffer), dtype=np.float32)
        return row


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)
