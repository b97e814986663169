"""One domain at a cursor marked `<|>`, in a buffer that is really analysed."""

from __future__ import annotations

import math
from typing import ClassVar

from tenon.constraints.constraint import Constraint, Domain, Evidence, Verdict
from tenon.constraints.derive import derive
from tenon.semantics import NOTHING_KNOWN, Analyser
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


class AtCursor:
    """A module of tests says which domain it speaks of."""

    domain: ClassVar[Domain]
    analyser: ClassVar[Analyser | None] = Analyser(None)
    """None where the domain asks nothing of the buffer."""
    syntax: ClassVar[PythonSyntax] = PythonSyntax()

    def __init__(self, source: str, buffer: str = "") -> None:
        before, cursor, after = (buffer + source).partition("<|>")
        assert cursor and "<|>" not in after, "exactly one cursor"
        document = Document(uri=f"file:///{self.domain}.py", version=1, text=before + after)
        context = self.syntax.context(document, len(before))
        facts = NOTHING_KNOWN
        if self.analyser is not None:
            facts = self.analyser.analyse(document, context, Deadline(at=math.inf))
        found = [each for each in derive(context, facts) if each.domain is self.domain]
        assert found, "the frame is not sound here"
        self.constraint: Constraint = found[0]

    def verdicts(self, text: str) -> list[Verdict]:
        """Of each beginning of the text."""
        found = [self.constraint.judge(text[:end]).verdict for end in range(len(text) + 1)]
        first = found.index(Verdict.DEAD) if Verdict.DEAD in found else len(found)
        assert set(found[first:]) <= {Verdict.DEAD}, "what was refused came back to life"
        return found

    def refused_at(self, text: str) -> int | None:
        """After how many characters `text` is refused; None where it never is."""
        verdicts = self.verdicts(text)
        return verdicts.index(Verdict.DEAD) if Verdict.DEAD in verdicts else None

    def evidence(self, text: str) -> Evidence:
        return self.constraint.judge(text).evidence[-1]
