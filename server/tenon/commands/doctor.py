"""`tenon doctor`: shows the checks, one line each, and ends with 0 only if all is well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.text import Text

    from tenon.commands.checks import Finding


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The findings for a program.")] = False,
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file instead of the model in use.")
    ] = None,
) -> None:
    """Whether all is well, and what to do where it is not."""
    from rich.console import Console

    from tenon.commands.checks import findings
    from tenon.commands.encoding import plain

    console = Console(highlight=False)
    found = []
    for finding in findings(model):
        found.append(finding)
        if not as_json:
            console.print(line(finding), soft_wrap=True)
    well = all(finding.well for finding in found)
    if as_json:
        print(json.dumps({"well": well, "checks": plain(found)}, indent=2, ensure_ascii=False))
    elif not well:
        faults = sum(not finding.well for finding in found)
        console.print(f"{faults} of {len(found)} checks found a fault", style="bold red")
    else:
        console.print("all is well", style="bold green")
    if not well:
        raise typer.Exit(1)


def line(finding: Finding) -> Text:
    from rich.text import Text

    shown = Text("✔ " if finding.well else "✘ ", style="green" if finding.well else "bold red")
    shown.append(f"{finding.what:<12}", style="bold")
    shown.append(finding.detail, style="")
    if finding.remedy:
        shown.append(f" → {finding.remedy}", style="yellow")
    return shown
