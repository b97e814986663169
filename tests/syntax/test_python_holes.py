"""The promise on real code: the author's text fits its hole, and the frame agrees with the file.

Holes are punched at random places of every kind, the author's text put back, and fragments of
other code tried; the whole file, compiled, is the judge of the frame.
"""

from __future__ import annotations

import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenon.syntax.python import PythonSyntax, parses
from tenon.text import Document

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FEW = ["abc", "bisect", "contextlib", "copy", "functools", "shlex", "string", "textwrap"]
# No lone backslash: it joins the next line of the file, of which the frame keeps only the kind, so
# that `HOST = \` above another assignment is refused though it would compile.
FILLERS = [
    "", "x", "(", ")", '"""', "'", "foo(", "# c", "return x", "break", "yield", "await x", "\n",
    "\n    ", "pass\n", "@a", ":", "else:\n    pass", "\nelse:\n        x", "if x:", "x = [",
    "except:\n pass", "finally:\n    pass", "case 1:\n   pass", "elif x:", "import a", "def f():",
    "x = 1\n\ndef g():\n    return 1\n", "class A:\n", "    y\n", "from __future__ import annotations",
]  # fmt: skip


def holes(text: str, count: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    lines, starts = text.split("\n"), [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for _ in range(count):
        row = chance.randrange(len(lines))
        start, end = starts[row], starts[row] + len(lines[row])
        low = chance.randint(start, end)
        last = min(len(lines) - 1, row + chance.randint(1, 10))
        match chance.choice(["to the end", "within", "statement", "block", "anywhere"]):
            case "to the end":
                yield low, end
            case "within":
                yield low, chance.randint(low, end)
            case "statement":
                yield start + len(lines[row]) - len(lines[row].lstrip()), end
            case "block":
                yield start, starts[last] + len(lines[last])
            case _:
                yield low, chance.randint(starts[last], starts[last] + len(lines[last]))


def measure(paths: list[Path], count: int) -> tuple[int, list[str], int, list[str]]:
    syntax, authors, fillers = PythonSyntax(), 0, 0
    refused: list[str] = []
    differing: list[str] = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if not parses(text) or len(text) > 100_000:
            continue
        chance = random.Random(path.name)
        for low, high in holes(text, count, chance):
            prefix, suffix = text[:low], text[high:]
            document = Document(uri=path.as_uri(), version=1, text=prefix + suffix)
            frame = syntax.context(document, low).frame
            assert frame is not None
            authors += 1
            if not parses(frame.opening + text[low:high] + frame.closing):
                refused.append(f"{path.name}[{low}:{high}]")
            for filler in chance.sample(FILLERS, 2):
                fillers += 1
                said = parses(frame.opening + filler + frame.closing)
                if said != parses(prefix + filler + suffix):
                    differing.append(f"{path.name}[{low}:{high}] {filler!r} {said}")
    return authors, refused, fillers, differing


@pytest.mark.parametrize("name", FEW)
def test_the_authors_text_fits_its_hole_and_the_frame_agrees_with_the_file(name: str) -> None:
    _, refused, _, differing = measure([STDLIB / f"{name}.py"], 40)
    assert (refused, differing) == ([], [])


@pytest.mark.slow
def test_on_the_standard_library_fewer_than_one_in_a_thousand_holes_go_wrong() -> None:
    paths = random.Random(1).sample(sorted(STDLIB.glob("[a-z]*/*.py")), 150)
    authors, refused, fillers, differing = measure(paths, 20)
    assert authors > 1000
    assert len(refused) <= authors / 1000, refused
    assert len(differing) <= fillers / 1000, differing
