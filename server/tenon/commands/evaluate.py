"""`tenon eval`: the ruler on the command line. Collects files, runs, shows and writes numbers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tenon.evaluation.holes import Source
    from tenon.evaluation.judges import JudgeName
    from tenon.evaluation.judging import Judging
    from tenon.evaluation.run import Result

_SKIPPED = {"__pycache__", "node_modules", "site-packages"}


def evaluate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Python files or folders.")
    ],
    holes: Annotated[int, typer.Option(min=1, help="How many holes to punch.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed punches the same holes.")] = 0,
    domains: Annotated[
        str, typer.Option(help="Domains that are held against the author's text and counted.")
    ] = "syntax,names,members,imports,calls,types,control flow",
    kind: Annotated[
        list[str] | None,
        typer.Option(help="line-end, within-line, statement or block; may be repeated."),
    ] = None,
    judges: Annotated[
        str,
        typer.Option(
            help="Type checkers that say what each answer breaks: ty, pyright or ty,pyright."
        ),
    ] = "",
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file instead of the model in use.")
    ] = None,
    deadline_ms: Annotated[
        int | None,
        typer.Option(min=20, help="Time for each answer; without it, as long as it takes."),
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers there too.")
    ] = None,
) -> None:
    """Measure completions on holes in real code."""
    from tenon.commands.source import BadUse
    from tenon.constraints.constraint import Domain
    from tenon.evaluation.holes import Kind
    from tenon.evaluation.holes import holes as punched
    from tenon.evaluation.judges import JudgeName

    chosen_domains = _chosen(domains.split(","), Domain, "domain")
    kinds = _chosen(kind, Kind, "kind")
    called = _chosen(judges.split(","), JudgeName, "judge") if judges else ()
    sources = list(_sources(paths))
    if not sources:
        raise BadUse(f"no Python files in {', '.join(map(str, paths))}")
    if as_json:
        _expect_writable(as_json)

    from rich.console import Console

    from tenon.commands.session import service, settings
    from tenon.engine import presets
    from tenon.evaluation.report import report, table
    from tenon.evaluation.run import run
    from tenon.service.audit import Auditor

    root = _import_root(paths[0])
    chosen = settings(model=model)
    seconds = deadline_ms / 1000 if deadline_ms else float("inf")
    results: list[Result] = []
    with (
        _court(called, root) as judging,
        service(chosen, root) as running,
        closing(Auditor(chosen, root)) as auditor,
    ):
        found = run(
            punched(sources, count=holes, seed=seed, kinds=kinds),
            running,
            auditor,
            seconds=seconds,
            domains=chosen_domains,
            judging=judging,
        )
        interrupted = _collect(found, results, holes)
    if not results and not interrupted:
        raise BadUse("no file there compiles and has code enough for a hole of that kind")
    numbers: dict[str, Any] = {
        "seed": seed,
        "model": str(model or presets.chosen() or "bundled"),
        "paths": [str(path) for path in paths],
        "python": ".".join(map(str, sys.version_info[:3])),
        **report(results, chosen_domains, called),
    }
    Console().print(table(numbers))
    _list_cases(numbers)
    if as_json:
        as_json.write_text(json.dumps(numbers, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if interrupted:
        raise typer.Exit(130)


@contextmanager
def _court(called: Sequence[JudgeName], root: Path) -> Iterator[Judging | None]:
    """The judges that were called, started before any hole is filled; None without any."""
    from tenon.commands.source import BadUse
    from tenon.evaluation.judges import Judge, JudgeError
    from tenon.evaluation.judging import Judging

    with ExitStack() as stack:
        try:
            judges = [stack.enter_context(closing(Judge(name, root))) for name in called]
        except JudgeError as error:
            raise BadUse(str(error)) from None
        yield Judging(judges) if judges else None


def _expect_writable(path: Path) -> None:
    """Said before the holes are filled, not after an hour of it."""
    from tenon.commands.source import BadUse

    try:
        path.open("a").close()
    except OSError as fault:
        raise BadUse(f"{path} cannot be written: {fault.strerror}") from None


def _collect(found: Iterator[Result], results: list[Result], total: int) -> bool:
    """Everything into `results`, with a bar on stderr; True where the user broke it off."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        "{task.description}",
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=total)
        try:
            for result in found:
                results.append(result)
                progress.update(bar, advance=1, description=_short(result))
        except KeyboardInterrupt:
            return True
    return False


def _short(result: Result) -> str:
    from rich.markup import escape

    return escape(result.hole.source.name[-40:])


def _list_cases(numbers: dict[str, Any]) -> None:
    """A line for each author's text refused, each answer that does not parse, and each
    diagnostic that a constrained answer introduces."""
    for case in numbers["refused_cases"]:
        place = f"{case['file']}:{case['line']}:{case['column']}"
        print(f"author refused by {case['domain']}: {place} {case['reason']} ({case['author']!r})")
    for case in numbers["parse_failure_cases"]:
        place = f"{case['file']}:{case['line']}:{case['column']}"
        print(f"does not parse: {place} {case['answer']!r}")
    for case in numbers.get("diagnostic_cases", ()):
        if case["constrained"]:
            place = f"{case['file']}:{case['line']}:{case['column']}"
            message = case["message"].partition("\n")[0]
            print(f"{case['judge']}: {place} {case['code']} {message} ({case['answer']!r})")


def _chosen(words: Sequence[str] | None, choices: Any, noun: str) -> tuple[Any, ...]:
    """The members that were named; all of them where none was."""
    from tenon.commands.source import BadUse

    known = {str(choice): choice for choice in choices}
    chosen = tuple(word.strip() for word in words) if words else tuple(known)
    for word in chosen:
        if word not in known:
            raise BadUse(f"{word!r} is not a {noun}: {', '.join(known)}")
    return tuple(known[word] for word in chosen)


def _sources(paths: Sequence[Path]) -> Iterator[Source]:
    """Every Python file under the paths. Links to folders are not followed, hidden and vendored
    folders are left out. Names begin at the last part of the path that was asked for, so that
    a seed means the same holes wherever a tree lies."""
    from tenon.commands.source import BadUse
    from tenon.evaluation.holes import Source

    for path in paths:
        if not path.exists():
            raise BadUse(f"{path} does not exist")
        for file in [path] if path.is_file() else _files_under(path):
            inside = file.resolve().relative_to(path.resolve())
            yield Source(
                name=(Path(path.resolve().name) / inside).as_posix(),
                uri=file.resolve().as_uri(),
                load=partial(_text, file),
            )


def _import_root(path: Path) -> Path:
    """The folder that the code under `path` is imported from: above its packages."""
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _files_under(folder: Path) -> Iterator[Path]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not name.startswith(".")
        )
        yield from (Path(base, name) for name in sorted(files) if name.endswith(".py"))


def _text(file: Path) -> str | None:
    """The file's text; None where it does not decode, for a hole must be where it is said to be."""
    from tenon.commands.source import BadUse, read

    try:
        source = read(file)
    except BadUse:
        return None
    return None if source.note else source.text
