"""The `tenon` command: names the subcommands, and turns bad use into one line and status 2.

`--help` and shell completion import this module alone, so nothing heavy is imported here.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # `python -m tenon` has put the working directory first on the path, where an editor's
    # workspace may keep a `typer.py` of its own: nothing of a workspace is ever executed.
    del sys.path[0]

import io
from pathlib import Path
from typing import Annotated

import typer

from tenon.commands.complete import complete
from tenon.commands.doctor import doctor
from tenon.commands.evaluate import evaluate
from tenon.commands.explain import explain
from tenon.commands.models import model
from tenon.commands.source import BadUse
from tenon.commands.stats import stats
from tenon.commands.tryout import tryout

app = typer.Typer(
    name="tenon",
    help="Inline completions from a local model that may only say what fits.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("complete")(complete)
app.command("explain")(explain)
app.command("try")(tryout)
app.command("doctor")(doctor)
app.command("eval")(evaluate)
app.command("stats")(stats)
app.add_typer(model, name="model")


@app.command("serve")
def _serve(
    tcp: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Listen there instead of on stdin and stdout."),
    ] = None,
    log_file: Annotated[
        Path | None, typer.Option(help="Write the log there instead of to stderr.")
    ] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """The language server, as editors start it."""
    from tenon.commands.serve import serve

    serve(tcp, log_file, log_level)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        print(f"tenon {installed('tenon')}")
        raise typer.Exit


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character is no reason to lose the answer.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except BadUse as fault:
        print(f"tenon: {fault}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
