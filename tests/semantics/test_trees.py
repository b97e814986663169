"""Trees are read on two threads at once: the analysis parses files while an answer asks."""

from __future__ import annotations

import ast
import sys
import threading
import time

import pytest

from tenon.semantics.trees import expression_tree, module_tree


class Cycle:
    """Dies in the garbage collection, in the midst of whatever allocates then."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        sum(range(50))


def test_two_threads_may_read_trees_at_once() -> None:
    """CPython 3.11 gives a tree up now and then, with a `SystemError` that means nothing."""
    long = "\n".join(f"def f{i}(a, b): return [x + 1 for x in (a, (b, (1, 2)))]" for i in range(400))
    short = "f(1, [a.b for c in d], {'k': (1, 2)})"
    wrong: list[BaseException] = []
    until = time.monotonic() + 1.5
    interval = sys.getswitchinterval()

    def read(text: str) -> None:
        try:
            while time.monotonic() < until:
                Cycle()
                tree = expression_tree(text) if text is short else module_tree(text)
                assert isinstance(tree, ast.AST)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(text,)) for text in (long, short)]
    sys.setswitchinterval(0.0005)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize("text", ["f(", "x = 1", "a\0b"])
def test_what_is_no_expression_raises_as_it_does_in_python(text: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        expression_tree(text)
