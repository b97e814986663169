"""`tenon try`: the main job on samples that ship with the package, both ways side by side.

Each sample is a text file under `samples/`: a title, then code with `<|>` for the cursor. What
is shown is what the model said just now; nothing is prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from tenon.service.audit import Auditor
    from tenon.service.request import Outcome, Refusal
    from tenon.service.service import Service
    from tenon.text import Document

SAMPLES = Path(__file__).parent.parent / "samples"
CURSOR = "<|>"
_CONTEXT_LINES = 8
_REFUSALS_SHOWN = 4
_END = "(the end)"
"""What a refusal without text is of: the model wanted to stop there."""
_SIDE_BY_SIDE = 76
"""Columns of terminal from which two answers fit beside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    title: str
    document: Document
    offset: int


def tryout(
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file instead of the model in use.")
    ] = None,
) -> None:
    """The main job on samples that ship with the package."""
    from rich.console import Console

    from tenon.commands.session import service, settings
    from tenon.service.audit import Auditor

    console = Console(highlight=False)
    chosen = settings(model=model)
    with service(chosen, SAMPLES) as running, closing(Auditor(chosen, SAMPLES)) as auditor:
        for number, sample in enumerate(samples(), start=1):
            answers = [_answer(running, sample, constrained) for constrained in (False, True)]
            faults = [_fault(auditor, sample, answer) for answer in answers]
            show(console, number, sample, answers, faults)
    console.print(
        "Next: `tenon complete FILE:LINE:COL` on code of your own, `tenon doctor` to see that all "
        "is well, and editors/vscode or editors/nvim for completions while you type."
    )


def samples(folder: Path = SAMPLES) -> Iterator[Sample]:
    """The samples in order of their file names."""
    from tenon.text import Document

    for path in sorted(folder.glob("*.txt")):
        title, _, marked = path.read_text(encoding="utf-8").partition("\n")
        before, cursor, after = marked.partition(CURSOR)
        if not cursor or CURSOR in after:
            raise ValueError(f"{path.name} needs one {CURSOR}")
        uri = path.with_suffix(".py").as_uri()
        document = Document(uri=uri, version=1, text=before + after)
        yield Sample(title=title, document=document, offset=len(before))


def _answer(running: Service, sample: Sample, constrained: bool) -> Outcome:
    from tenon.service.request import Request
    from tenon.text import Deadline

    request = Request(
        document=sample.document,
        offset=sample.offset,
        deadline=Deadline.after(10),
        invoked=True,
        constrained=constrained,
    )
    return running.submit(request).result()


def _fault(auditor: Auditor, sample: Sample, answer: Outcome) -> str:
    """What is wrong with an answer: CPython's word first, then that of the constraints."""
    from tenon.service.request import Suggestion

    if not isinstance(answer, Suggestion):
        return ""
    before, after = sample.document.text[: sample.offset], sample.document.text[sample.offset :]
    refusal = fault_of(before + answer.text + after)
    if refusal:
        return f"does not parse: {refusal}"
    found = auditor.audit(sample.document, sample.offset, answer.text)
    return "; ".join(evidence.reason for evidence in found)


def show(
    console: Console,
    number: int,
    sample: Sample,
    answers: Sequence[Outcome],
    faults: Sequence[str],
) -> None:
    """One hole: the code before it, the two answers with their faults, what was refused."""
    from rich.table import Table
    from rich.text import Text

    console.rule(Text(f"{number}. {sample.title}", style="bold"), align="left", style="dim")
    console.print(excerpt(sample))
    sides = [
        (label, filled(sample, answer, fault))
        for label, answer, fault in zip(("unconstrained", "constrained"), answers, faults)
    ]
    console.print()
    if console.width >= _SIDE_BY_SIDE:
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
        for label, _ in sides:
            table.add_column(label, header_style="bold", ratio=1, overflow="fold")
        table.add_row(*(answer for _, answer in sides))
        console.print(table)
    else:
        for label, answer in sides:
            console.print(Text(label, style="bold"))
            console.print(answer)
    for line in refusals(getattr(answers[-1], "refused", ())):
        console.print(line)
    console.print()


def excerpt(sample: Sample) -> RenderableType:
    """The last lines before the cursor, and the rest of its own."""
    from rich.text import Text

    document, offset = sample.document, sample.offset
    line, _ = document.position_at(offset)
    start = document.line_span(max(0, line - _CONTEXT_LINES + 1)).start
    shown = Text(document.text[start:offset])
    shown.append("▏", style="bold yellow")
    shown.append(document.text[offset : document.line_span(line).end])
    return shown


def filled(sample: Sample, outcome: Outcome, fault: str) -> Text:
    """The cursor's line with the answer in it, and what is wrong with it."""
    from rich.text import Text

    from tenon.commands.complete import in_place
    from tenon.service.request import Suggestion

    if not isinstance(outcome, Suggestion):
        return Text(f"nothing: {getattr(outcome, 'reason', 'superseded')}", style="dim")
    style = "bold red" if fault else "bold green"
    text = dedented(in_place(sample.document, sample.offset, outcome.text, style))
    verdict = f"✘ {fault}" if fault else "✔ fits"
    return text.append(f"\n{verdict}", style="red" if fault else "green")


def dedented(text: Text) -> Text:
    """Without the indentation that all its lines have: columns are narrow."""
    from rich.text import Text

    lines = text.split("\n", allow_blank=True)
    said = [line.plain for line in lines if line.plain.strip()]
    width = min((len(line) - len(line.lstrip(" ")) for line in said), default=0)
    return Text("\n").join(line[width:] for line in lines)


def fault_of(text: str) -> str:
    """What CPython's compiler has against the text; empty where nothing."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<sample>", "exec", dont_inherit=True)
        except SyntaxError as fault:
            return fault.msg
        except (ValueError, RecursionError, MemoryError) as fault:
            return str(fault)
    return ""


def refusals(refused: Sequence[Refusal]) -> Iterator[Text]:
    """A line each for the first few things that were refused, each thing named once."""
    from rich.text import Text

    lines = dict.fromkeys(
        (refusal.text.strip() or _END, str(refusal.evidence.domain), refusal.evidence.reason)
        for refusal in refused
    )
    for text, domain, reason in list(lines)[:_REFUSALS_SHOWN]:
        shown = Text("refused ", style="dim")
        shown.append(text, style="red")
        shown.append(f"  {domain}: {reason}", style="dim")
        yield shown
    if len(lines) > _REFUSALS_SHOWN:
        yield Text(f"… and {len(lines) - _REFUSALS_SHOWN} more", style="dim")
