"""Judge: how good a GGUF model is on packages that no model here was trained on.

Owns the loss, computed by llama.cpp as the product runs it; exact lines, kept characters and
parse rates are `tenon eval`'s, on the same packages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenon.engine.llama import LlamaEngine
from tenon.engine.probe import probe
from tenon.text import CancelToken
from training.corpus import File
from training.places import cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    holes: int
    nats_a_character: float
    """Of the author's text in the hole, given all that stands round it. By the character, so
    that models with other vocabularies compare."""
    first_token: float
    """Share of holes whose first token is the likeliest one."""
    size: int
    """Bytes of the file."""
    prefill_tokens_per_s: float
    decode_tokens_per_s: float


def judge(path: Path, files: Iterable[File], *, holes: int, seed: int = 0) -> Judgement:
    """Judge the model at `path` on `holes` places in `files`, which should be held out."""
    import random

    from tenon.engine.fim import build_prompt

    chance = random.Random(seed)
    engine = LlamaEngine.open(path)
    cancel = CancelToken()
    nats = 0.0
    characters = right = counted = 0
    try:
        for file in files:
            place = cut(file.text[:20_000], chance)
            if place is None:
                continue
            prompt = build_prompt(engine, place.before, place.after)
            answer = engine.tokenize(prompt.heal + place.middle.encode())[:64]
            logits = engine.prefill(prompt.tokens, cancel)
            for number, token in enumerate(answer):
                scores = np.asarray(logits, dtype=np.float64)
                top = scores.max()
                nats += float(top + np.log(np.exp(scores - top).sum()) - scores[token])
                right += number == 0 and int(scores.argmax()) == token
                logits = engine.step([token], cancel)
            characters += sum(len(engine.token_bytes(token)) for token in answer)
            counted += 1
            if counted == holes:
                break
        speed = probe(engine)
    finally:
        engine.close()
    return Judgement(
        holes=counted,
        nats_a_character=nats / max(characters, 1),
        first_token=right / max(counted, 1),
        size=path.stat().st_size,
        prefill_tokens_per_s=speed.prefill_tokens_per_s,
        decode_tokens_per_s=speed.decode_tokens_per_s,
    )
