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

from tenon.engine.fim import build_prompt, prompt_budget
from training.corpus import File
from training.places import cut
from training.tokenizer import Speller

PROMPT_WEIGHT, ANSWER_WEIGHT = 2, 10
"""Tenths. The prompt is code too, and a small model still learns from it; but of all tokens
only one in twenty is an answer."""
_PLAIN_SHARE = 0.1
_TEXT_SHARES = (0.25, 0.5, 1.0, 2.0)
"""Sizes of the texts that examples are made of, in windows: many a file is short, and a row
holds several answers where their prompts are short."""
_CHARACTERS_A_TOKEN = 3.5
_SUFFIXES: tuple[tuple[int | None, float], ...] = ((0, 0.45), (6, 0.35), (None, 0.20))
"""Lines of the suffix that the model sees: users' settings and models differ."""
_HEALED_SHARE = 0.7
_LEAST_ROOM = 96
"""Tokens. What is left of a row is filled up with an example cut shorter, but not below that."""
_LEAST_PROMPT = 48
_HEALED_TOKENS = 24
"""More tokens than the answer alone has when what is healed stands before it; one a byte."""
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
    for text in _texts(files, speller, chance):
        if length - len(tokens) < _LEAST_ROOM:
            yield _row(tokens, weights, length, end)
            tokens, weights = [], []
        found = example(text, speller, chance, room=length - len(tokens))
        if found is not None:
            tokens += found[0]
            weights += found[1]
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


def _texts(files: Iterable[File], speller: Speller, chance: random.Random) -> Iterator[str]:
    for file in files:
        for _ in range(file.weight):
            yield from _windows(file.text, speller.window, chance)


def example(
    text: str, speller: Speller, chance: random.Random, *, room: int
) -> tuple[list[int], list[int]] | None:
    """Tokens and weights, at most `room` of them, of one example made of a window of text; None
    where it holds no place, or one whose answer leaves no room for a prompt."""
    end = speller.info.end_token
    if chance.random() < _PLAIN_SHARE:
        tokens = [*speller.tokenize(text.encode())[: room - 1], end]
        return tokens, [PROMPT_WEIGHT] * len(tokens)
    place = cut(text, chance)
    if place is None:
        return None
    said = len(speller.tokenize(place.middle.encode())) + _HEALED_TOKENS + 1
    budget = min(prompt_budget(speller.info), room - said)
    if budget < _LEAST_PROMPT:
        return None
    lines = chance.choices([n for n, _ in _SUFFIXES], [share for _, share in _SUFFIXES])[0]
    reader = replace(speller, suffix_lines=lines)
    healing = chance.random() < _HEALED_SHARE
    prompt = build_prompt(
        reader,  # type: ignore[arg-type]
        place.before,
        place.after,
        budget=budget,
        healing=healing,
    )
    answer = [*speller.tokenize(prompt.heal + place.middle.encode()), end]
    weights = [PROMPT_WEIGHT] * len(prompt.tokens) + [ANSWER_WEIGHT] * len(answer)
    # What a marker predicts is no code: nothing is learned from the places before them.
    fim = speller.info.fim
    for number, token in enumerate(prompt.tokens):
        if token in (fim.prefix, fim.suffix, fim.middle):
            weights[number] = 0
    return [*prompt.tokens, *answer], weights


def _windows(text: str, window: int, chance: random.Random) -> Iterator[str]:
    """The text in pieces of whole lines, of several lengths."""
    lines = text.splitlines(keepends=True)
    place = 0
    while place < len(lines):
        wanted = chance.choice(_TEXT_SHARES) * window * _CHARACTERS_A_TOKEN
        start, size = place, 0
        while place < len(lines) and size < wanted:
            size += len(lines[place])
            place += 1
        if size >= 80:
            yield "".join(lines[start:place])
