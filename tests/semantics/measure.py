"""Punch holes in installed code and put the author's text back: how often is it refused?

    python tests/semantics/measure.py --holes 400 rich pygls requests
    python tests/semantics/measure.py --holes 400 --line json argparse

A hole is a name, a member or an import that the code really has; with `--line` everything from
there to the end of its line. The hole is cut out, analysed, and the author's text fed back
character by character. Printed: how often each domain narrowed, each refusal with its evidence,
milliseconds of processor time.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import random
import tokenize
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time as perf_counter

from tenon.constraints.constraint import Domain, Verdict
from tenon.constraints.derive import derive
from tenon.semantics.analyser import Analyser
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    path: Path
    text: str
    start: int
    end: int
    domain: Domain
    other: str
    """A name that the file reads elsewhere in the same way."""


@dataclass(slots=True)
class Tally:
    holes: Counter[str] = field(default_factory=Counter)
    narrowed: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    """Refused where another name of the same file was put instead."""
    nonsense: Counter[str] = field(default_factory=Counter)
    analysis_ms: list[float] = field(default_factory=list)
    judge_us: list[float] = field(default_factory=list)
    open_because: Counter[str] = field(default_factory=Counter)


def holes_in(path: Path, *, line: bool) -> list[Hole]:
    try:
        with tokenize.open(path) as file:
            text = file.read()
        tree = ast.parse(text)
    except (SyntaxError, ValueError, UnicodeDecodeError):
        return []
    lines = text.split("\n")
    starts = [0]
    for each in lines:
        starts.append(starts[-1] + len(each) + 1)

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    docstrings = {
        node.value.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    fields = [
        (node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    ]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            domain, word = Domain.MEMBERS, node.attr
            end = offset(node.end_lineno, node.end_col_offset)
            start = end - len(word)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            domain, word = Domain.NAMES, node.id
            start = offset(node.lineno, node.col_offset)
            end = start + len(word)
        elif isinstance(node, ast.alias):
            domain, word = Domain.IMPORTS, node.name.rpartition(".")[2]
            start = offset(node.lineno, node.col_offset) + len(node.name) - len(word)
            end = start + len(word)
            if word == "*":
                continue
        else:
            continue
        if any(first <= node.end_lineno <= last for first, last in fields):
            continue
        if node.lineno in docstrings or text[start:end] != word:
            continue
        if line:
            end = starts[bisect_right(starts, start)] - 1
        found.append(Hole(path=path, text=text, start=start, end=end, domain=domain, other=""))
    return found


def measure(hole: Hole, syntax: PythonSyntax, analyser: Analyser, tally: Tally) -> None:
    document = Document(
        uri=hole.path.as_uri(), version=1, text=hole.text[: hole.start] + hole.text[hole.end :]
    )
    context = syntax.context(document, hole.start)
    began = perf_counter()
    facts = analyser.analyse(document, context, Deadline.after(30))
    tally.analysis_ms.append((perf_counter() - began) * 1000)
    constraints = derive(context, facts)
    if context.frame is None or not context.frame.sound:
        tally.open_because["the frame is not sound"] += 1
    own = hole.domain
    tally.holes[own] += 1
    author = hole.text[hole.start : hole.end]
    for constraint in constraints:
        if constraint.domain is own:
            described = constraint.describe()
            if described.verdict is Verdict.OPEN:
                tally.narrowed[own] += 1
            else:
                tally.open_because[described.reason] += 1
        for end in range(len(author) + 1):
            began = perf_counter()
            judgement = constraint.judge(author[:end])
            tally.judge_us.append((perf_counter() - began) * 1e6)
            if judgement.verdict is Verdict.DEAD:
                row = hole.text[: hole.start].count("\n") + 1
                line = hole.text.split("\n")[row - 1].strip()
                where = f"{hole.path}:{row}"
                tally.refused.append(
                    (constraint.domain, f"{where}: {judgement.evidence[0].reason} | {line}")
                )
                break
        else:
            if judgement.verdict is not Verdict.COMPLETE:
                row = hole.text[: hole.start].count("\n") + 1
                where = f"{hole.path}:{row}: not complete: {author!r}"
                tally.refused.append((constraint.domain, where))
    other = derive(context, facts)
    for constraint in other:
        if constraint.domain is own and constraint.describe().verdict is Verdict.OPEN:
            tally.wrong[own] += constraint.judge(hole.other).verdict is not Verdict.COMPLETE
            tally.nonsense[own] += constraint.judge("qzxj").verdict is not Verdict.COMPLETE


def files_of(names: list[str]) -> list[Path]:
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if path.is_file():
            found.append(path)
            continue
        if not path.is_dir():
            spec = importlib.util.find_spec(name)
            assert spec is not None and spec.origin is not None, name
            path = Path(spec.origin)
            if path.name != "__init__.py":
                found.append(path)
                continue
            path = path.parent
        found.extend(sorted(path.rglob("*.py")))
    return found


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", help="modules, packages, files or folders")
    parser.add_argument("--holes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--line", action="store_true", help="cut to the end of the line")
    parser.add_argument(
        "--only", choices=("names", "members", "imports"), help="holes of one domain"
    )
    parser.add_argument("--why", action="store_true", help="why domains stood open")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    files = files_of(options.sources)
    chance.shuffle(files)
    tally = Tally()
    analyser = Analyser(None)
    syntax = PythonSyntax()
    left = options.holes
    share = max(2, options.holes // max(len(files), 1) + 1)
    for path in files:
        found = holes_in(path, line=options.line)
        if options.only:
            found = [hole for hole in found if hole.domain == options.only]
        for hole in sorted(
            chance.sample(found, min(share, len(found), left)), key=lambda h: h.start
        ):
            like = [each for each in found if each.domain is hole.domain]
            swapped = chance.choice(like)
            other = swapped.text[swapped.start : swapped.end]
            measure(replace(hole, other=other), syntax, analyser, tally)
            left -= 1
        if left <= 0:
            break
    for domain in (Domain.NAMES, Domain.MEMBERS, Domain.IMPORTS):
        refused = [text for where, text in tally.refused if where == domain]
        total, narrowed = tally.holes[domain], tally.narrowed[domain]
        print(
            f"{domain}: {total} holes, narrowed {narrowed}, refused {len(refused)};"
            f" another name refused {tally.wrong[domain]}, nonsense {tally.nonsense[domain]}"
        )
        for text in refused:
            print("   ", text)
    for name, values in (("analysis ms", tally.analysis_ms), ("judge us", tally.judge_us)):
        figures = (percentile(values, share) for share in (0.5, 0.95, 0.99))
        print(name, "p50 {:.1f} p95 {:.1f} p99 {:.1f}".format(*figures))
    if options.why:
        for reason, count in tally.open_because.most_common(25):
            print(f"{count:5} {reason}")


if __name__ == "__main__":
    main()
