"""Imports: what is imported from a module is something that the module offers.

Owns the verdict of one domain. Which modules exist at all is not judged: one that is not
installed here may be installed where the program runs. What a package or module holds that was
read to its end is known, and that is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tenon.constraints.constraint import ANYTHING, Domain, Evidence, Judgement, Verdict
from tenon.constraints.names import nearest
from tenon.constraints.reading import Reader
from tenon.semantics.facts import ModuleSet, Words

_OPEN = Judgement(verdict=Verdict.OPEN)
_FROM = re.compile(r"from\s+([.\w]+)(?:\s+import\b\s*(.*))?", re.DOTALL)
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
        self, modules: Mapping[str, ModuleSet], reader: Reader, before: str, rest: str
    ) -> None:
        self._modules = modules
        self._reader = reader
        self._before = before
        self._rest = rest

    def judge(self, text: str) -> Judgement:
        if not self._modules:
            return ANYTHING
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

    def describe(self) -> Evidence:
        known = sum(module.complete for module in self._modules.values())
        return Evidence(
            domain=self.domain,
            verdict=Verdict.OPEN if known else Verdict.COMPLETE,
            reason=f"{known} of {len(self._modules)} modules that are imported from are known",
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
        module = self._modules.get(part.module)
        if module is None or not part.word.isascii() or part.word.startswith("__"):
            return None
        if part.submodule:
            if not module.package or _GENERATED.search(part.word):
                return None
            return module.submodules
        if not module.complete or (part.word.startswith("_") and not module.private):
            return None
        return module.words

    def _dead(self, part: _Part, at: int) -> Judgement:
        module = self._modules[part.module]
        kind = "submodule" if part.submodule else "name"
        evidence = Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=f"'{module.name}' has no {kind} '{part.word}'",
            at=at,
            allowed=nearest(part.word, module.submodules if part.submodule else module.words),
        )
        return Judgement(verdict=Verdict.DEAD, evidence=(evidence,))


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
