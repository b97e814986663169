"""The Python grammar on code that nobody wrote for it, and on code that the grammar writes."""

from __future__ import annotations

import io
import random
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tenon.constraints.grammar import python_grammar
from tenon.decoding.matcher import Matcher
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.llama import LlamaEngine
from tenon.engine.models import bundled

STDLIB = Path(sysconfig.get_path("stdlib"))
SAMPLE = [
    "argparse.py",
    "asyncio/tasks.py",
    "bisect.py",
    "contextlib.py",
    "dataclasses.py",
    "json/decoder.py",
    "textwrap.py",
    "tokenize.py",
    "unittest/mock.py",
]


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Vocabulary]:
    engine = LlamaEngine.open(bundled())
    yield Vocabulary(engine.vocab_handle, end=min(engine.info.end_tokens))
    engine.close()


class Grammars:
    """A matcher for each way to indent, compiled once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._compiled: dict[tuple[str, ...], Matcher] = {}

    def start(self, indents: tuple[str, ...]) -> Matcher:
        if indents not in self._compiled:
            grammar = python_grammar(indents, "    ")
            self._compiled[indents] = Matcher.from_lark(self._vocabulary, grammar)
        return self._compiled[indents].copy()


@pytest.fixture(scope="module")
def grammars(vocabulary: Vocabulary) -> Grammars:
    return Grammars(vocabulary)


def code(path: Path) -> str | None:
    """The text of a file that this Python compiles, None for any other."""
    try:
        with tokenize.open(path) as file:
            text = file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OSError):
        return None
    return text


def indents(text: str) -> tuple[str, ...] | None:
    """The indentation of each depth, None where one depth has several."""
    widths, open_blocks = [""], [""]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.INDENT:
            open_blocks.append(token.string.replace("\f", ""))
            depth = len(open_blocks) - 1
            if depth == len(widths):
                widths.append(open_blocks[-1])
            elif widths[depth] != open_blocks[-1]:
                return None
        elif token.type == tokenize.DEDENT:
            open_blocks.pop()
    return tuple(widths)


@pytest.mark.parametrize("name", SAMPLE)
def test_takes_a_module_of_the_standard_library(grammars: Grammars, name: str) -> None:
    text = code(STDLIB / name)
    assert text is not None
    matcher = grammars.start(indents(text))
    assert matcher.feed(text)
    assert matcher.closes([])


@pytest.mark.parametrize("name", SAMPLE)
def test_the_authors_own_text_is_never_refused_at_a_hole(
    grammars: Grammars, vocabulary: Vocabulary, name: str
) -> None:
    """Any prefix is alive, the author's text goes on token by token, and the rest closes it."""
    text = code(STDLIB / name)
    assert text is not None
    text = text[: text.find("\n\n\n", 8000) + 1] or text
    choose = random.Random(name)
    for _ in range(8):
        start = choose.randrange(len(text))
        stop = min(len(text), start + choose.choice([0, 1, 3, 10, 40, 200]))
        matcher = grammars.start(indents(text))
        assert matcher.feed(text[:start]), text[:start][-80:]
        for token in vocabulary.tokens(text[start:stop]):
            assert matcher.allows(token), text[:stop][-80:]
            matcher.accept(token)
        assert matcher.closes(vocabulary.tokens(text[stop:])), text[stop:][:80]


@pytest.mark.slow
def test_takes_the_standard_library(grammars: Grammars) -> None:
    """Every tenth file of it: all of them take minutes (and none was refused)."""
    refused = []
    files = [path for path in STDLIB.rglob("*.py") if "site-packages" not in path.parts]
    for path in sorted(files)[::10]:
        text = code(path)
        widths = indents(text) if text else None
        if text is None or widths is None:
            continue
        matcher = grammars.start(widths)
        if not (matcher.feed(text.removeprefix("\ufeff")) and matcher.closes([])):
            refused.append(path)
    assert refused == []


BEGINNINGS = ["x = ", "f(", "def f(", "class A(", "with ", "for ", "lambda ", "import ", "from "]
BEGINNINGS += ["try:\n    pass\nexcept", "@", "x = [", "x = {", "del "]
BEGINNINGS += ["match x:\n    case ", 'f"{']


def walk(start: Matcher, choices: np.ndarray, text: str, *, seed: int) -> tuple[list[int], int]:
    """Tokens that grow at random under the mask, and how many of them make a whole module."""
    choose = random.Random(seed)
    assert start.feed(text)
    written, whole = [], 0
    for _ in range(14):
        allowed = np.flatnonzero(start.mask() & choices)
        if not allowed.size:
            break
        token = int(choose.choice(allowed))
        start.accept(token)
        written.append(token)
        if start.closes([]):
            whole = len(written)
    return written, whole


@pytest.mark.slow
def test_what_the_grammar_writes_is_python(grammars: Grammars, vocabulary: Vocabulary) -> None:
    """But for what no grammar could say: `return` outside a function, a name bound twice.

    In ASCII: beyond it, the grammar's identifiers are a superset on purpose.
    """
    decoded = [vocabulary.tokenizer.decode_bytes([token]) for token in range(vocabulary.size)]
    ascii_alone = np.array([token.isascii() and token != b"" for token in decoded])
    ascii_alone[[vocabulary.is_control(token) for token in range(vocabulary.size)]] = False
    texts = []
    for seed in range(800):
        beginning = BEGINNINGS[seed % len(BEGINNINGS)]
        written, whole = walk(grammars.start(("", "    ")), ascii_alone, beginning, seed=seed)
        if whole:
            texts.append(beginning + vocabulary.tokenizer.decode_str(written[:whole]))
    assert len(texts) > 100
    wrong = [text for text in texts if not _is_python(text)]
    assert len(wrong) <= len(texts) / 100, wrong


def _is_python(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "walk", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True
