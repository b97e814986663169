"""The fill-in-the-middle prompt: what of the buffer the model reads, and where healing begins.

Knows text, bytes and tokens; knows no language, but that lines end with "\\n".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenon.engine.engine import Engine, ModelInfo
from tenon.engine.probe import Speed

_ANSWER_SHARE = 8
"""One part in so many of the trained window is left to the answer."""
_SUFFIX_SHARE = 4
"""One part in so many of the prompt is for what stands after the cursor. It follows the
prefix in the prompt and is computed anew at each key, so it stays small."""
_COLD, _LEAST_PROMPT = 2.0, 256
"""A prompt of which nothing is in the cache takes no more seconds than that to read, if that
leaves it so many tokens."""
_KEY, _LEAST_SUFFIX = 0.1, 32
"""And what a key makes the model read again, likewise."""
_CHARACTERS_A_TOKEN = 6
"""No more text than this for each token of room is looked at: code has three to five."""
_TOKENS_A_LINE = 10
_STEPS = 4
"""The start of the window moves by about one part in so many of it."""
_LINE_STEP = 32
_COLUMN_STEP = 64
_HEAL_TOKENS = 3
_HEAL_BYTES = 24
_TAIL = re.compile(r"\w+$|[ \t]+$")
"""What belongs to the cursor: the word it is in or after, or the blanks before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    tokens: tuple[int, ...]
    heal: bytes
    """The end of the prefix that was left out of `tokens`: the answer must begin with it. A
    tokenizer would have cut the text elsewhere had it seen what follows the cursor."""


def prompt_budget(info: ModelInfo, speed: Speed | None = None) -> int:
    """Tokens of prompt for this model, which leave an answer its place in what it was
    trained to read, and in the context; no more than can be read in time at this `speed`."""
    window = min(info.trained_window, info.context_length)
    budget = window - window // _ANSWER_SHARE
    if speed is None:
        return budget
    return min(budget, max(_LEAST_PROMPT, int(_COLD * speed.prefill_tokens_per_s)))


def suffix_budget(budget: int, speed: Speed | None = None) -> int:
    """Tokens of a prompt of `budget` tokens that may stand for what follows the cursor."""
    share = budget // _SUFFIX_SHARE
    if speed is None:
        return share
    return min(share, max(_LEAST_SUFFIX, int(_KEY * speed.prefill_tokens_per_s)))


def build_prompt(
    engine: Engine,
    prefix: str,
    suffix: str,
    *,
    budget: int | None = None,
    speed: Speed | None = None,
    healing: bool = True,
) -> Prompt:
    """The prompt for the hole between `prefix` and `suffix`, the whole buffer ("\\n" line ends).

    At most `budget` tokens (`prompt_budget` unless given, for this `speed`): prefix, suffix, middle, in that
    order, about three quarters of it before the cursor. Cuts fall at line starts, unless the
    cursor's line alone is too long, and the first line read stays the same over many keys,
    so that the engine finds the start of the prompt in its cache. Without `healing` the prompt
    holds the prefix to its very end. A model that reads badly past the cursor's line is given
    no more of the suffix than `info.suffix_lines`: the constraints close against all of it.
    """
    info = engine.info
    begin = () if info.begin_token is None else (info.begin_token,)
    room = (prompt_budget(info, speed) if budget is None else budget) - 3 - len(begin)
    if room < 2:
        raise ValueError(f"a prompt needs more than {budget} tokens")
    if info.suffix_lines is not None:
        suffix = "\n".join(suffix.split("\n", info.suffix_lines + 1)[: info.suffix_lines + 1])
    after = _after(engine, suffix, suffix_budget(room, speed))
    before, heal = _before(engine, prefix, room - len(after), healing)
    fim = info.fim
    return Prompt(tokens=(*begin, fim.prefix, *before, fim.suffix, *after, fim.middle), heal=heal)


def _after(engine: Engine, suffix: str, room: int) -> list[int]:
    text = suffix[: room * _CHARACTERS_A_TOKEN]
    tokens = engine.tokenize(utf8(text))
    if len(tokens) <= room and len(text) == len(suffix):
        return tokens
    fitting = len(_decode(engine, tokens[:room]))
    end = text.rfind("\n", 0, fitting) + 1 or fitting
    return engine.tokenize(utf8(text[:end]))[:room]


def _before(engine: Engine, prefix: str, room: int, healing: bool) -> tuple[list[int], bytes]:
    start = max(len(prefix) - room * _CHARACTERS_A_TOKEN, 0)
    tokens = engine.tokenize(utf8(prefix[start:]))
    line = len(utf8(prefix[prefix.rfind("\n") + 1 :]))
    floor = start
    while floor or len(tokens) > room:
        # A cut elsewhere can change how what follows is cut, by a token or two: look again.
        kept = _kept(engine, tokens, line, room)
        floor = max(floor, len(prefix) - len(_decode(engine, tokens[-kept:])))
        start = _window_start(prefix, floor, room)
        tokens = engine.tokenize(utf8(prefix[start:]))
        if len(tokens) <= room:
            break
        floor = start + 1
    return _heal(engine, tokens, prefix[start:]) if healing else (tokens, b"")


def _kept(engine: Engine, tokens: list[int], line: int, room: int) -> int:
    """How many of `tokens` to read: less than there is room for, so that the cursor's line,
    their last `line` bytes, can grow. Its number of tokens goes up and down from key to key,
    and the window must not follow."""
    used = 0
    while line > 0 and used < len(tokens):
        used += 1
        line -= len(engine.token_bytes(tokens[-used]))
    return max(room - _LINE_STEP + used % _LINE_STEP, min(used, room))


def _window_start(prefix: str, floor: int, room: int) -> int:
    """The first line start from `floor` on whose number is a multiple of a step, the largest
    step that leaves at least half of the window; within the cursor's line where that line
    alone is longer."""
    line = prefix.rfind("\n") + 1
    if floor > line:
        columns = -(-(floor - line) // _COLUMN_STEP) * _COLUMN_STEP
        return min(line + columns, len(prefix))
    first = floor
    if floor and prefix[floor - 1] != "\n":
        first = prefix.index("\n", floor) + 1
    number = prefix.count("\n", 0, first)
    latest = (floor + len(prefix)) // 2
    step = 1 << max(room // (_TOKENS_A_LINE * _STEPS), 1).bit_length() - 1
    while step > 1:
        start = first
        for _ in range(-number % step):
            start = prefix.find("\n", start) + 1 or len(prefix) + 1
            if start > latest:
                break
        if start <= latest:
            return start
        step //= 2
    return first


def _heal(engine: Engine, tokens: list[int], text: str) -> tuple[list[int], bytes]:
    """`tokens` without their end, and the bytes of that end: the last token always, and more
    until the heal covers the word or the blanks at the cursor. Never reaches over a line end,
    never begins inside a character."""
    line = utf8(text[text.rfind("\n") + 1 :])
    if not line.strip(b" \t"):
        # Indentation alone is how models have seen a line begin; less of it they have not.
        return tokens, b""
    tail = _TAIL.search(text[-_HEAL_BYTES:])
    wanted = len(utf8(tail.group())) if tail else 1
    heal, kept = b"", len(tokens)
    while kept and line:
        split = heal[:1] and heal[0] & 0xC0 == 0x80
        if heal and not split and len(heal) >= wanted:
            break
        piece = engine.token_bytes(tokens[kept - 1])
        full = len(tokens) - kept == _HEAL_TOKENS or len(heal) + len(piece) > _HEAL_BYTES
        if heal and not split and full:
            break
        kept -= 1
        heal = piece + heal
        if len(heal) > len(line):
            return engine.tokenize(utf8(text)[: -len(line)]), line
    if not line.endswith(heal):
        return tokens, b""
    return tokens[:kept], heal


def utf8(text: str) -> bytes:
    """UTF-8; a lone surrogate, which a client may send and no model can read, becomes "?"."""
    return text.encode("utf-8", errors="replace")


def _decode(engine: Engine, tokens: list[int]) -> str:
    """The whole characters in `tokens`."""
    return b"".join(map(engine.token_bytes, tokens)).decode("utf-8", errors="ignore")
