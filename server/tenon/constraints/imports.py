"""Imports: what is imported from a module is something that the module offers, and what a text
reads without importing it can be told.

Owns the verdict of one domain, and the list of imports that a finished text needs. Which modules
exist at all is not judged: one that is not installed here may be installed where the program
runs. What a package or module holds that was read to its end is known, and that is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, cast

from tenon.constraints.constraint import (
    ANYTHING,
    Constraint,
    Domain,
    Evidence,
    Judgement,
    Verdict,
)
from tenon.constraints.names import nearest
from tenon.constraints.reading import Reader
from tenon.semantics.facts import Import, ModuleSet, NameSet, Words

_OPEN = Judgement(verdict=Verdict.OPEN)
_FROM = re.compile(r"from\s+([.\w]+)(?:\s+import\b\s*(.*))?", re.DOTALL)
_RECEIVER = re.compile(r"(?<![\w.])([^\W\d]\w*)(?:\.\w+)*\.\w*\Z")
_PATH = re.compile(r"[.\w]+")
_WORD = re.compile(r"\w+")
_GENERATED = re.compile(r"version$|_pb2|^_")
"""Submodules that are made when a package is built, and may be missing from its sources."""


class _Part(NamedTuple):
    """A word that must be something a module offers."""

    module: str
    word: str
    at: int
    """In the statement."""
    submodule: bool
    finished: bool


class Imports:
    """The imports domain at one cursor."""

    domain = Domain.IMPORTS

    def __init__(
        self,
        modules: Callable[[str], ModuleSet | None],
        names: NameSet,
        reader: Reader,
        before: str,
        rest: str,
    ) -> None:
        self._modules = modules
        self._names = names
        self._reader = reader
        self._before = before
        self._rest = rest

    def judge(self, text: str) -> Judgement:
        starts = self._reader.read(text).imports
        verdict = ANYTHING
        for start in starts:
            offset = start + len(self._before)
            statement = _statement((self._before + text)[offset:])
            for part in _parts(statement):
                place = start + part.at
                if place + len(part.word) <= 0 or self._stands(part, max(-place, 0)):
                    continue
                if part.finished or not self._begins(part):
                    return self._dead(part, max(place, 0))
                following = _WORD.match(self._rest)
                whole = part.word + (following.group() if following else "")
                if not self._stands(part._replace(word=whole), 0):
                    verdict = _OPEN
        return verdict

    def needed(self, text: str) -> tuple[Import, ...]:
        """What has to be imported for `text`, a whole completion, to mean what it says."""
        reading = self._reader.closed(text, self._rest)
        found: dict[Import, None] = {}
        for name in sorted((reading.imported | self._unimported()) - reading.bound):
            for path in _paths(name, self._before + text):
                best = self._names.imports.find(path)
                if best is not None:
                    found[best] = None
                    if best.name:
                        break
        return tuple(found)

    @property
    def receiver(self) -> str:
        """What stands before the dot that the cursor follows, as its members are looked up;
        "" for none."""
        start = self._reader.start
        return start.chain or "" if start.previous == "." else ""

    def _unimported(self) -> frozenset[str]:
        """What the author asks a member of, right at the cursor, and has not imported."""
        match = _RECEIVER.search(self._before)
        names = self._names
        if match is None or not names.complete or match.group(1) in names.words:
            return frozenset()
        known = match.group(1) in names.importable or match.group(1) in names.imports.words
        return frozenset({match.group(1)}) if known else frozenset()

    def describe(self) -> Evidence:
        module = next((part.module for part in _parts(_statement(self._before.lstrip()))), None)
        known = self._modules(module) if module else None
        if known is None:
            reason = "no module stands before the cursor; each is looked up as it is said"
            return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=reason)
        if not known.complete:
            return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=known.reason)
        return Evidence(
            domain=self.domain,
            verdict=Verdict.OPEN,
            reason=f"'{known.name}' offers {len(known.words)} names: {known.reason}",
            allowed=known.words.public[:5],
        )

    def _stands(self, part: _Part, author: int) -> bool:
        """Whether the word exists, or might; `author` characters of it are the author's own."""
        words = self._words(part)
        if words is None or part.word in words:
            return True
        return author > 0 and not words.has_prefix(part.word[:author])

    def _begins(self, part: _Part) -> bool:
        words = self._words(part)
        return words is None or not part.word or words.has_prefix(part.word)

    def _words(self, part: _Part) -> Words | None:
        """What the word must be one of; None where that is not known."""
        module = self._modules(part.module)
        if module is None or not part.word.isascii():
            return None
        if part.word.startswith("__") and (not part.finished or part.word.endswith("__")):
            return None
        if part.submodule:
            if not module.package or _GENERATED.search(part.word):
                return None
            return module.submodules
        if not module.complete or (part.word.startswith("_") and not module.private):
            return None
        return module.words

    def _dead(self, part: _Part, at: int) -> Judgement:
        module = self._modules(part.module)
        assert module is not None
        kind = "submodule" if part.submodule else "name"
        evidence = Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=f"'{module.name}' has no {kind} '{part.word}'",
            at=at,
            allowed=nearest(part.word, module.submodules if part.submodule else module.words),
        )
        return Judgement(verdict=Verdict.DEAD, evidence=(evidence,))


def needed_imports(constraints: Iterable[Constraint], text: str) -> tuple[Import, ...]:
    """What a finished text has to have imported; empty where the imports are not known."""
    found = _among(constraints)
    return found.needed(text) if found is not None else ()


def receiver_of(constraints: Iterable[Constraint]) -> str:
    """What stands before the dot that the cursor follows; "" for none."""
    found = _among(constraints)
    return found.receiver if found is not None else ""


def _among(constraints: Iterable[Constraint]) -> Imports | None:
    for constraint in constraints:
        # By its domain: one that is timed is wrapped, and no instance.
        if constraint.domain is Domain.IMPORTS:
            return cast(Imports, constraint)
    return None


def _paths(name: str, text: str) -> Iterator[str]:
    """How `text` uses the name: with what stands behind its dots, wherever it is read."""
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\b(?:\s*\.\s*\w+)*", text):
        yield re.sub(r"\s", "", match.group())


def _statement(text: str) -> str:
    """The import statement that `text` begins with, to its end or as far as it goes."""
    depth = 0
    for index, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character in ";#" or (character == "\n" and not depth and text[index - 1] != "\\"):
            # What ends it also ends its last word.
            return text[:index] + "\n"
    return text


def _parts(statement: str) -> Iterator[_Part]:
    match = _FROM.match(statement)
    if match is None:
        if statement.startswith("import"):
            place = len("import")
            for item in statement[place:].split(","):
                path = _PATH.search(item)
                if path is not None:
                    yield from _path(statement, place + path.start(), path.group())
                place += len(item) + 1
        return
    module, names = match.group(1), match.group(2)
    yield from _path(statement, match.start(1), module)
    if names is None:
        return
    place = match.start(2)
    for item in names.split(","):
        word = _WORD.search(item)
        if word is not None:
            at = place + word.start()
            finished = at + len(word.group()) < len(statement)
            yield _Part(module, word.group(), at, False, finished)
        place += len(item) + 1


def _path(statement: str, at: int, path: str) -> Iterator[_Part]:
    """The words of a dotted path that stand behind a dot."""
    dots = len(path) - len(path.lstrip("."))
    words = path[dots:].split(".")
    module = path[:dots]
    place = at + dots
    for index, word in enumerate(words):
        if word and module:
            finished = place + len(word) < len(statement)
            yield _Part(module, word, place, True, finished)
        module = module + word if index == 0 else f"{module}.{word}"
        place += len(word) + 1
