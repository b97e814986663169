"""Memory: a server lives for days, so what one request leaves behind must not add up."""

from __future__ import annotations

import gc
import random
import sysconfig
from pathlib import Path

import psutil
import pytest

from tenon.constraints.grammar import grammar_for
from tenon.decoding.matcher import Grammars
from tenon.syntax.python import PythonSyntax
from tenon.text import Document

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MEGABYTES = 12
"""Room for what an allocator keeps; a matcher that stayed behind takes a tenth of one."""


@pytest.mark.slow
def test_ten_thousand_requests_could_follow_a_thousand(vocabulary) -> None:
    """Contexts, grammars of other indentations, matchers and masks, until the caches are full;
    then as many again, for which no more memory may be taken."""
    texts = [path.read_text("utf-8", errors="replace") for path in sorted(STDLIB.glob("[a-d]*.py"))]
    chance, syntax, grammars = random.Random(1), PythonSyntax(), Grammars(vocabulary, keep=4)

    def requests(count: int) -> None:
        for number in range(count):
            text = chance.choice(texts)
            offset = chance.randrange(len(text))
            document = Document(uri=f"file:///{number % 40}.py", version=number, text=text)
            context = syntax.context(document, offset)
            frame = context.frame
            assert frame is not None
            matcher = grammars.matcher(grammar_for("python", frame))
            if matcher.feed(frame.opening):
                matcher.mask()
                matcher.closes(vocabulary.tokens(frame.closing))
                for token in vocabulary.tokens(text[offset : offset + 40]):
                    if not matcher.take(token):
                        break

    def resident() -> float:
        gc.collect()
        return psutil.Process().memory_info().rss / 1e6

    requests(500)
    before = resident()
    requests(500)
    grown = resident() - before
    assert grown < MEGABYTES
