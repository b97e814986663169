"""Markdown: an explanation as an editor shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tenon.service.explain import DomainView, Explanation, Verdicts

_SHOWN = 40
"""Members and names that are listed; their number is given where there are more."""


def markdown(explanation: Explanation) -> str:
    """The whole account, the verdict on a text first."""
    place = f"{explanation.line}:{explanation.column}"
    parts = [f"# What fits at {place}", *_about(explanation.about)]
    where = f"**{explanation.role}**"
    if explanation.enclosing:
        where += ", inside " + " › ".join(code(header) for header in explanation.enclosing)
    parts.append(where)
    parts.append("\n".join(map(_domain, explanation.domains)))
    if (wanted := explanation.wanted) is not None:
        fitting = "; for example " + ", ".join(map(code, wanted.found)) if wanted.found else ""
        parts.append(f"{code(wanted.asked)}{fitting}.")
    if (receiver := explanation.receiver) is not None:
        parts.append(f"## Members of {code(receiver.text)}: {receiver.owner}")
        parts.append(_list(receiver.members, complete=receiver.complete, reason=receiver.reason))
    if (module := explanation.imported_from) is not None:
        parts.append(f"## Names in {code(module.module)}")
        parts.append(_list(module.names, complete=module.complete, reason=module.reason))
    if explanation.packages:
        parts.append(f"Installed packages: {explanation.packages}.")
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """`text` as Markdown code, whatever quotes it holds."""
    ticks = "``" if "`" in text else "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _about(about: Verdicts | None) -> Iterable[str]:
    if about is None:
        return
    yield "```\n" + about.text + "\n```"
    if about.fits:
        yield "This fits: no domain has anything against it."
    if about.late:
        yield "Time was up before every domain had heard the whole text."
    for each in about.objections:
        told = f"**Refused** by {each.domain} at {each.line}:{each.column}, "
        told += f"once {code(about.text[: each.said])} was said: {each.reason}."
        if each.instead:
            told += " Instead, for example: " + ", ".join(map(code, each.instead)) + "."
        yield told
    if about.imports:
        yield "It needs " + ", ".join(map(code, about.imports)) + ", which acceptance would add."


def _domain(view: DomainView) -> str:
    return f"- {view.domain}: **{view.state}**, {view.reason}"


def _list(names: Sequence[str], *, complete: bool, reason: str) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    listed = ", ".join(map(code, names[:_SHOWN])) + more
    told = "These are all" if complete else "Others may exist"
    return f"{listed}\n\n{told}: {reason}." if listed else f"{told}: {reason}."
