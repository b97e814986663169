"""Tokenizer: a byte-level BPE that llama.cpp reads as it is, and the part of an engine that a
prompt is built with.

Owns the vocabulary's size and its special tokens. The pre-tokenizer is llama.cpp's `qwen2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from tenon.engine.engine import FimTokens, ModelInfo
from training.corpus import File

END, PREFIX, SUFFIX, MIDDLE = "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"
SPECIAL = (END, PREFIX, SUFFIX, MIDDLE, "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>")
PRE_TOKENIZER = "qwen2"

_SPLIT = (
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r"\s?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How `qwen2` splits text, from llama.cpp's table of pre-tokenizers."""
_SAMPLE = 60_000_000
"""Characters that the merges are learned from; more no longer changes them."""


def train(files: Iterable[File], *, size: int) -> Tokenizer:
    """Learn `size` tokens from every third file."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(_SPLIT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=20,
        max_token_length=24,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(files), trainer)
    return tokenizer


def _sample(files: Iterable[File]) -> Iterator[str]:
    taken = 0
    for number, file in enumerate(files):
        if number % 3 == 0:
            taken += len(file.text)
            yield file.text
        if taken > _SAMPLE:
            return


@dataclass(frozen=True)
class Speller:
    """What `tenon.engine.fim.build_prompt` asks of an engine, without a model: so that the
    prompts a model learns from are the prompts the server sends."""

    tokenizer: Tokenizer
    window: int
    suffix_lines: int | None = None

    @classmethod
    def load(cls, path: Path, *, window: int) -> Speller:
        tokenizer = Tokenizer.from_file(str(path))
        # Code that spells a marker out is text to the server, and no marker.
        tokenizer.encode_special_tokens = True
        return cls(tokenizer=tokenizer, window=window)

    @cached_property
    def info(self) -> ModelInfo:
        ids = {name: self.tokenizer.token_to_id(name) for name in SPECIAL}
        return ModelInfo(
            path="",
            name="in training",
            n_vocab=self.tokenizer.get_vocab_size(),
            context_length=self.window,
            trained_window=self.window,
            suffix_lines=self.suffix_lines,
            fim=FimTokens(prefix=ids[PREFIX], suffix=ids[SUFFIX], middle=ids[MIDDLE]),
            end_token=ids[END],
            end_tokens=frozenset({ids[END]}),
            begin_token=None,
        )

    def tokenize(self, text: bytes) -> list[int]:
        return self.tokenizer.encode(text.decode("utf-8"), add_special_tokens=False).ids

    def token_bytes(self, token: int) -> bytes:
        return self._bytes[token]

    @cached_property
    def _bytes(self) -> list[bytes]:
        letters = _byte_letters()
        names = (self.tokenizer.id_to_token(each) for each in range(self.info.n_vocab))
        return [
            b"" if name in SPECIAL else bytes(letters[letter] for letter in name)
            for name in names
        ]


def _byte_letters() -> dict[str, int]:
    """The letter that byte-level BPE writes for each byte: itself where it can be seen, the
    next free one from 256 on where it cannot."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    letters = {chr(byte): byte for byte in seen}
    letters |= {chr(256 + place): byte for place, byte in enumerate(hidden)}
    return letters
