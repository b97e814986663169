"""What the syntax domain costs a token, by vocabulary. Prints one line each; asserts nothing.

    python tests/bench/syntax_cost.py SOURCE_FOLDER VOCABULARY.gguf …

Punches holes in the Python files under SOURCE_FOLDER and puts the author's text back, token by
token, through the three calls that decoding makes for each: may it come next, take it, would the
suffix close the text now. The vocabularies in llama.cpp's own source (`models/ggml-vocab-*.gguf`)
serve. Microseconds are wall time: quote ratios within one run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import llama_cpp.llama_cpp as native

from tenon.constraints.grammar import grammar_for
from tenon.decoding.matcher import Grammars
from tenon.decoding.vocabulary import Vocabulary
from tenon.evaluation.holes import Hole, Source, holes
from tenon.syntax.python import PythonSyntax
from tenon.text import Document

HOLES = 300


def vocabulary(path: Path) -> Vocabulary:
    params = native.llama_model_default_params()
    params.vocab_only = True
    model = native.llama_model_load_from_file(str(path).encode(), params)
    handle = native.llama_model_get_vocab(model)
    return Vocabulary(handle, end=native.llama_vocab_eos(handle))


def punched(folder: Path) -> Iterator[Hole]:
    def loader(path: Path):
        def load() -> str | None:
            try:
                return path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                return None

        return load

    sources = [
        Source(name=path.name, uri=path.as_uri(), load=loader(path))
        for path in sorted(folder.rglob("*.py"))
    ]
    return holes(sources, count=HOLES, seed=1)


def measure(words: Vocabulary, folder: Path) -> dict[str, list[float]]:
    grammars, syntax = Grammars(words), PythonSyntax()
    spent: dict[str, list[float]] = {"token": [], "opening": [], "context": []}
    for hole in punched(folder):
        document = Document(uri=hole.source.uri, version=1, text=hole.text)
        started = time.perf_counter()
        frame = syntax.context(document, len(hole.before)).frame
        spent["context"].append(time.perf_counter() - started)
        matcher = grammars.matcher(grammar_for("python", frame))
        started = time.perf_counter()
        fed = matcher.feed(frame.opening)
        spent["opening"].append(time.perf_counter() - started)
        closing = words.tokens(frame.closing)
        for token in words.tokenizer.tokenize_str(hole.expected) if fed else ():
            started = time.perf_counter()
            if not matcher.allows(token):
                break
            matcher.accept(token)
            matcher.closes(closing)
            spent["token"].append(time.perf_counter() - started)
    return spent


def main() -> None:
    folder, *paths = map(Path, sys.argv[1:])
    native.llama_backend_init()
    for path in paths:
        words = vocabulary(path)
        figures = []
        for name, seconds in measure(words, folder).items():
            ordered = sorted(seconds)
            p50, p99 = (ordered[int(len(ordered) * share)] * 1e6 for share in (0.5, 0.99))
            figures.append(f"{name} p50 {p50:.0f} p99 {p99:.0f} µs")
        print(f"{path.stem} ({words.size} tokens): " + ", ".join(figures))


if __name__ == "__main__":
    main()
