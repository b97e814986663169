"""Sequences: places in the corpus as rows of tokens, in the form that the server sends.

Owns the packing: each row is a whole number of prompts with their answers, and what counts in
the loss is marked: an answer and its end count in full, what was read to give it a little.
Written as shards of two arrays, `tokens` (uint16) and `weights` (uint8, in tenths).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tenon.engine.fim import build_prompt
from training.corpus import File
from training.places import cut
from training.tokenizer import Speller

PROMPT_WEIGHT, ANSWER_WEIGHT = 4, 10
"""Tenths. The prompt is code too, and a small model still learns from it."""
_PLAIN_SHARE = 0.15
_WINDOW_CHARACTERS = (900, 1800, 3500, 6000, 9000)
_SUFFIXES: tuple[tuple[int | None, float], ...] = ((0, 0.35), (6, 0.25), (None, 0.40))
"""Lines of the suffix that the model sees: users' settings and models differ."""
_HEALED_SHARE = 0.7
_SHARD_ROWS = 4096


def write(
    files: Iterable[File], speller: Speller, out: Path, *, seed: int, most_tokens: float
) -> int:
    """Write shards into the folder `out`; the number of tokens that count or are read."""
    out.mkdir(parents=True, exist_ok=True)
    written = shard = 0
    rows: list[tuple[np.ndarray, np.ndarray]] = []
    for row in packed(files, speller, seed=seed):
        rows.append(row)
        written += len(row[0])
        if len(rows) == _SHARD_ROWS or written >= most_tokens:
            _save(rows, out / f"shard-{shard:04}.npz", seed + shard)
            rows, shard = [], shard + 1
        if written >= most_tokens:
            return written
    if rows:
        _save(rows, out / f"shard-{shard:04}.npz", seed + shard)
    return written


def _save(rows: list[tuple[np.ndarray, np.ndarray]], path: Path, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    np.savez_compressed(
        path,
        tokens=np.stack([rows[place][0] for place in order]),
        weights=np.stack([rows[place][1] for place in order]),
    )


def packed(
    files: Iterable[File], speller: Speller, *, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of `speller.window + 1` tokens, with a weight for each."""
    chance = random.Random(seed)
    end = speller.info.end_token
    length = speller.window + 1
    tokens: list[int] = []
    weights: list[int] = []
    for example, marks in _examples(files, speller, chance):
        if len(tokens) + len(example) > length:
            yield _row(tokens, weights, length, end)
            tokens, weights = [], []
        tokens += example[:length]
        weights += marks[:length]
    if tokens:
        yield _row(tokens, weights, length, end)


def _row(
    tokens: list[int], weights: list[int], length: int, end: int
) -> tuple[np.ndarray, np.ndarray]:
    pad = length - len(tokens)
    return (
        np.array(tokens + [end] * pad, dtype=np.uint16),
        np.array(weights + [0] * pad, dtype=np.uint8),
    )


def _examples(
    files: Iterable[File], speller: Speller, chance: random.Random
) -> Iterator[tuple[list[int], list[int]]]:
    for file in files:
        for _ in range(file.weight):
            for text in _windows(file.text, chance):
                found = example(text, speller, chance)
                if found is not None:
                    yield found


def example(
    text: str, speller: Speller, chance: random.Random
) -> tuple[list[int], list[int]] | None:
    """Tokens and weights of one example made of a window of text."""
    end = speller.info.end_token
    if chance.random() < _PLAIN_SHARE:
        tokens = [*speller.tokenize(text.encode()), end]
        return tokens, [PROMPT_WEIGHT] * len(tokens)
    place = cut(text, chance)
    if place is None:
        return None
    lines = chance.choices([n for n, _ in _SUFFIXES], [share for _, share in _SUFFIXES])[0]
    reader = replace(speller, suffix_lines=lines)
    healing = chance.random() < _HEALED_SHARE
    prompt = build_prompt(reader, place.before, place.after, healing=healing)  # type: ignore[arg-type]
    answer = [*speller.tokenize(prompt.heal + place.middle.encode()), end]
    weights = [PROMPT_WEIGHT] * len(prompt.tokens) + [ANSWER_WEIGHT] * len(answer)
    # What a marker predicts is no code: nothing is learned from the places before them.
    fim = speller.info.fim
    for number, token in enumerate(prompt.tokens):
        if token in (fim.prefix, fim.suffix, fim.middle):
            weights[number] = 0
    return [*prompt.tokens, *answer], weights


def _windows(text: str, chance: random.Random) -> Iterator[str]:
    """The text in pieces of whole lines, of several lengths."""
    lines = text.splitlines(keepends=True)
    place = 0
    while place < len(lines):
        wanted = chance.choice(_WINDOW_CHARACTERS)
        start, size = place, 0
        while place < len(lines) and size < wanted:
            size += len(lines[place])
            place += 1
        if size >= 80:
            yield "".join(lines[start:place])
