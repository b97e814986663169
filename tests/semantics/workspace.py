"""A small workspace on disk and facts at a `<|>` in one of its files."""

from __future__ import annotations

import math
from pathlib import Path

from tenon.constraints.constraint import Constraint, Domain, Verdict
from tenon.constraints.derive import derive
from tenon.semantics import Analyser, Facts
from tenon.syntax.context import CursorContext
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document

MARK = "<|>"


def split(source: str) -> tuple[str, str]:
    assert source.count(MARK) == 1, "one cursor a case"
    before, after = source.split(MARK)
    return before, after


class Workspace:
    """Files in a folder, and one analyser over them."""

    def __init__(self, root: Path, **files: str) -> None:
        self.root = root
        for name, text in files.items():
            self.write(name.replace("__", "/") + ".py", text)
        self.analyser = Analyser(root)
        self._syntax = PythonSyntax()

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def context(self, source: str, name: str = "edited.py") -> tuple[Document, CursorContext]:
        before, after = split(source)
        document = Document(uri=(self.root / name).as_uri(), version=1, text=before + after)
        return document, self._syntax.context(document, len(before))

    def facts(
        self, source: str, name: str = "edited.py", deadline: Deadline | None = None
    ) -> Facts:
        document, context = self.context(source, name)
        return self.analyser.analyse(document, context, deadline or Deadline(at=math.inf))

    def constraint(self, domain: Domain, source: str, name: str = "edited.py") -> Constraint:
        document, context = self.context(source, name)
        facts = self.analyser.analyse(document, context, Deadline(at=math.inf))
        for constraint in derive(context, facts):
            if constraint.domain is domain:
                return constraint
        raise AssertionError(f"no constraint for {domain} at this cursor")

    def refused_at(self, domain: Domain, source: str, text: str) -> int | None:
        """After how many characters `text` is refused; None where it never is.

        Holds the prefix property on the way: what was refused stays refused.
        """
        constraint = self.constraint(domain, source)
        refused = None
        for end in range(len(text) + 1):
            verdict = constraint.judge(text[:end]).verdict
            if refused is None and verdict is Verdict.DEAD:
                refused = end
            assert refused is None or verdict is Verdict.DEAD, f"{text[:end]!r} came back to life"
        return refused
