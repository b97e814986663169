"""Explain: what is allowed at a place, on what evidence, and where a text would be refused.

Owns the account that is given to a person. What is allowed is decided elsewhere: by the same
checks that decoding and the ruler stand on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.service.checks import Checks, Held
from tenon.syntax.context import Role
from tenon.text import Deadline, Document

_LONGEST = 2_000
"""Characters of a text that are looked at."""
_DOMAINS = (
    Domain.SYNTAX, Domain.NAMES, Domain.MEMBERS, Domain.IMPORTS, Domain.CALLS, Domain.TYPES,
    Domain.CONTROL_FLOW,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainView:
    """One domain at the place."""

    domain: Domain
    state: Literal["narrowed", "open"]
    reason: str
    examples: tuple[str, ...] = ()
    """Some of what may stand there, where it can be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What stands before the dot at the cursor."""

    text: str
    owner: str
    members: tuple[str, ...]
    """In order; those with an underscore in front last."""
    complete: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFrom:
    """The module that the import at the cursor names."""

    module: str
    names: tuple[str, ...]
    complete: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The type that the place asks for."""

    asked: str
    """Who asks for which: "f() takes n: int"."""
    found: tuple[str, ...]
    """Expressions that have it, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What one domain holds against the text."""

    domain: Domain
    at: int
    """The first character of the text (0-based) that cannot be mended."""
    said: int
    """How many characters of it had been said when it was refused."""
    line: int
    column: int
    """The same in the file, both from 1."""
    reason: str
    instead: tuple[str, ...]
    """Some of what may stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What becomes of one text at the place."""

    text: str
    fits: bool
    objections: tuple[Objection, ...]
    """The first of each domain, in the order in which they are raised."""
    late: bool
    """True when time was up before every domain had heard the whole text."""
    imports: tuple[str, ...]
    """Statements that the file would need for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    line: int
    column: int
    """Both from 1, columns in characters."""
    role: Role
    enclosing: tuple[str, ...]
    """Headers of the blocks around the cursor, outermost first."""
    domains: tuple[DomainView, ...]
    receiver: Receiver | None = None
    imported_from: ImportedFrom | None = None
    wanted: Wanted | None = None
    about: Verdicts | None = None
    packages: str = ""
    """Which installed packages were read, and why those; "" where none take part."""


def explain(
    checks: Checks,
    document: Document,
    offset: int,
    text: str | None,
    deadline: Deadline,
) -> Explanation:
    """The account for `offset` of `document`, which may have any line ends."""
    document, offset = document.with_plain_line_ends(offset)
    held = checks.at(document, offset, deadline)
    line, column = document.position_at(offset)
    about = None
    if text is not None:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST]
        # Half a character, which JSON can carry, is none.
        plain = plain.encode(errors="replace").decode()
        about = _verdicts(held, document, offset, plain, deadline)
    return Explanation(
        line=line + 1,
        column=column + 1,
        role=held.context.role,
        enclosing=tuple(block.header for block in held.context.enclosing),
        domains=_domains(held),
        receiver=_receiver(held),
        imported_from=_imported_from(held),
        wanted=_wanted(held),
        about=about,
        packages=checks.packages if document.language == "python" else "",
    )


def _domains(held: Held) -> tuple[DomainView, ...]:
    told: dict[Domain, Evidence] = {Domain.SYNTAX: held.describe_syntax()}
    for constraint in held.constraints:
        told.setdefault(constraint.domain, constraint.describe())
    views = []
    for domain in (*_DOMAINS, *(each for each in told if each not in _DOMAINS)):
        evidence = told.get(domain)
        if evidence is None:
            if domain in (Domain.NAMES, Domain.MEMBERS, Domain.IMPORTS):
                views.append(DomainView(domain=domain, state="open", reason=held.silence))
            continue
        views.append(
            DomainView(
                domain=domain,
                state="open" if evidence.verdict is Verdict.COMPLETE else "narrowed",
                reason=evidence.reason,
                examples=evidence.allowed,
            )
        )
    return tuple(views)


def _receiver(held: Held) -> Receiver | None:
    text = held.receiver
    if not text:
        return None
    known = held.facts.receiver(text)
    if known is None:
        return Receiver(
            text=text, owner=text, members=(), complete=False, reason="it was not looked at"
        )
    public = known.words.public
    return Receiver(
        text=text,
        owner=known.owner,
        members=(*public, *(name for name in known.words.ordered if name.startswith("_"))),
        complete=known.complete,
        reason=known.reason,
    )


def _imported_from(held: Held) -> ImportedFrom | None:
    found = held.facts.module(held.module) if held.module else None
    if found is None:
        return None
    words = found.words if held.takes_names else found.submodules
    return ImportedFrom(
        module=found.name,
        names=words.public,
        complete=found.complete if held.takes_names else found.package,
        reason=found.reason,
    )


def _wanted(held: Held) -> Wanted | None:
    wanted = held.wanted
    if wanted is None:
        return None
    return Wanted(asked=wanted.asked, found=tuple(each.text for each in wanted.found))


def _verdicts(
    held: Held, document: Document, offset: int, text: str, deadline: Deadline
) -> Verdicts:
    start = document.position_at(offset)
    objections = []
    for evidence, said in held.objections(text, deadline=deadline):
        at = min(evidence.at or 0, len(text))
        before = text[:at]
        down = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if down else start[1] + at
        objections.append(
            Objection(
                domain=evidence.domain,
                at=at,
                said=said,
                line=start[0] + down + 1,
                column=column + 1,
                reason=evidence.reason,
                instead=evidence.allowed,
            )
        )
    objections.sort(key=lambda each: each.said)
    return Verdicts(
        text=text,
        fits=not objections and not deadline.passed,
        late=deadline.passed,
        objections=tuple(objections),
        imports=() if objections else tuple(each.statement for each in held.needed(text)),
    )
