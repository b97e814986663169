"""The cases by role: small programs with one hole each, in `tests/cases/roles/`.

A case is a line `### role: why`, then a module in which two cursors mark what its author wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tenon.evaluation.holes import Hole, Kind, Place, Source

ROLES = Path(__file__).parents[1] / "cases" / "roles"
CURSOR = "<|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    """The file's name and the role; no two cases have the same."""
    hole: Hole


def cases() -> list[Case]:
    found = [case for path in sorted(ROLES.glob("*.txt")) for case in _cases_of(path)]
    names = [case.name for case in found]
    assert len(names) == len(set(names)), "two cases have one name"
    return found


def _cases_of(path: Path) -> Iterator[Case]:
    before, *texts = path.read_text("utf-8").split("### ")
    assert not before, f"{path.name} does not begin with a case"
    for text in texts:
        title, _, code = text.partition("\n")
        role, colon, _why = title.partition(": ")
        name = f"{path.stem}: {role}"
        assert colon, f"{name} does not say why it is there"
        parts = code.strip().split(CURSOR)
        assert len(parts) == 3, f"{name} does not mark its author's text with two cursors"
        prefix, author, suffix = parts
        suffix += "\n"
        yield Case(
            name=name,
            hole=Hole(
                source=Source(
                    name=name,
                    uri=f"file:///roles/{path.stem}.py",
                    load=lambda whole=prefix + author + suffix: whole,
                ),
                kind=Kind.LINE_END,
                place=Place.BOUNDARY,
                before=prefix,
                after=suffix,
                expected=author,
                intact=(prefix, suffix),
            ),
        )
