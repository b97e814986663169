"""Imports: what is imported from a module is something that the module offers, and what a text
reads without importing it can be told.

Owns the verdict of one domain, and the list of imports that a finished text needs. Which modules
there are at the top level is judged only where the analysis knows what the program runs with;
what a package or module holds, where it was read to its end.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from tenon.constraints.constraint import (
    ANYTHING,
    Constraint,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.names import nearest
from tenon.constraints.reading import Reader
from tenon.semantics.facts import Import, ModuleSet, NameSet, Words

_OPEN = Judgement(verdict=Verdict.OPEN)
_LETTER = "_"
"""Goes on any word, and begins one."""
_IMPORT = "import"
_FROM = re.compile(
    r"from(?:\s+|(?=\.))"
    r"((?:\.\s*)*(?!import\b)[.\w]*(?:(?:[ \t]*\.|(?<=\.))[ \t]*(?!import\b)\w+)*)"
    r"(?:\s*\bimport\b\s*(.*))?",
    re.DOTALL,
)
_DOTS = re.compile(r"[.\s]*")
_COMMENT = re.compile(r"#[^\n]*")
_TURN = re.compile(r"[();\n]")
_RECEIVER = re.compile(r"(?<![\w.])([^\W\d]\w*)(?:\.\w+)*\.\w*\Z")
_PATH = re.compile(r"[.\w]+(?:(?:[ \t]*\.|(?<=\.))[ \t]*\w+)*")
_WORD = re.compile(r"\w+")
_VERSION = "version"
_GENERATED = re.compile(rf"{_VERSION}$|_pb2|^_")
"""Submodules that are made when a package is built, and may be missing from its sources."""
_OF_ANY_MODULE = frozenset({
    "__all__", "__annotations__", "__builtins__", "__cached__", "__dict__", "__doc__", "__file__",
    "__getattr__", "__loader__", "__main__", "__name__", "__package__", "__path__", "__spec__",
})  # fmt: skip


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
        evidence = self.refusal(text)
        if evidence is not None:
            return refused(evidence)
        imports = [
            start
            for start in self._reader.closed(text, self._rest).imports
            # Of what follows only what the text has made a statement.
            if start < len(text) or not self._rest[: start - len(text)].strip()
        ]
        unmet = next(self._unmet(text, imports, self._rest + "\n"), None)
        stands = unmet is None and all(found for _, found in self._wanted(text))
        return ANYTHING if stands else _OPEN

    def refusal(self, text: str) -> Evidence | None:
        for part, place in self._unmet(text, self._reader.read(text).imports, ""):
            if part.finished or not self._begins(part):
                return self._against(part, max(place, 0))
        return None

    def sieve(self, text: str) -> Sieve | None:
        whole = self._before + text + _LETTER
        last: _Part | None = None
        author = 0
        for start in self._reader.read(text + _LETTER).imports:
            for part in _parts(_statement(whole[start + len(self._before) :])):
                if start + part.at + len(part.word) == len(text) + len(_LETTER):
                    last, author = part, max(-start - part.at, 0)
        if last is None or self._words(last._replace(word="")) is None:
            return None
        asked, begun = last, last.word[: -len(_LETTER)]

        def refuses(letters: str) -> bool:
            part = asked._replace(word=begun + letters)
            if _IMPORT.startswith(part.word):
                return False
            return not self._stands(part, author) and not self._begins(part)

        return refuses

    def _unmet(
        self, text: str, imports: Sequence[int], rest: str
    ) -> Iterator[tuple[_Part, int]]:
        """What the statements that begin at `imports` ask for that no module offers as it is, and
        where; `rest` is what follows."""
        if not imports:
            return
        whole = self._before + text + rest
        for start in imports:
            statement = _statement(whole[start + len(self._before) :])
            for part in _parts(statement):
                place = start + part.at
                if place + len(part.word) >= 0 and not self._stands(part, max(-place, 0)):
                    yield part, place

    def needed(self, text: str) -> tuple[Import, ...]:
        """What has to be imported for `text`, a whole completion, to mean what it says."""
        return tuple(dict.fromkeys(each for _, found in self._wanted(text) for each in found))

    def _wanted(self, text: str) -> Iterator[tuple[str, list[Import]]]:
        """The names that `text` reads and nothing binds, and the imports that would."""
        reading = self._reader.closed(text, self._rest)
        line = self._before + text + self._rest.partition("\n")[0]
        for name in sorted((reading.imported | self._unimported()) - reading.bound):
            found: list[Import] = []
            for path in _paths(name, line):
                best = self._names.imports.find(path)
                if best is not None:
                    found.append(best)
                    if best.name:
                        break
            yield name, found

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
        start = self._reader.start
        if start.quote or start.comment or match is None or not names.complete:
            return frozenset()
        if match.group(1) in names.words:
            return frozenset()
        known = match.group(1) in names.importable or match.group(1) in names.imports.words
        return frozenset({match.group(1)}) if known else frozenset()

    def describe(self) -> Evidence:
        parts = _parts(_statement(self._before.lstrip()))
        module = next((part.module for part in parts if part.module), None)
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
        if words is None or _normal(part.word) in words:
            return True
        return author > 0 and not words.has_prefix(_normal(part.word[:author]))

    def _begins(self, part: _Part) -> bool:
        words = self._words(part)
        return words is None or not part.word or words.has_prefix(_normal(part.word))

    def _words(self, part: _Part) -> Words | None:
        """What the word must be one of; None where that is not known."""
        module = self._modules(part.module)
        if module is None:
            return None
        if not part.module:
            return module.submodules
        if part.submodule:
            if not module.package or (self._may_be_generated(part) and not module.built):
                return None
            return module.submodules
        if part.word.startswith("__") and not part.finished:
            return None
        if part.word in _OF_ANY_MODULE:
            return None
        if not module.complete or (part.word.startswith("_") and not module.private):
            return None
        return module.words

    @staticmethod
    def _may_be_generated(part: _Part) -> bool:
        if part.module.partition(".")[0] in sys.stdlib_module_names:
            return False
        begun = bool(part.word) and not part.finished and _VERSION.startswith(part.word)
        return begun or _GENERATED.search(part.word) is not None

    def _against(self, part: _Part, at: int) -> Evidence:
        module = self._modules(part.module)
        assert module is not None
        kind = "submodule" if part.submodule else "name"
        reason = f"'{module.name}' has no {kind} '{part.word}'"
        if not part.module:
            reason = f"no module '{part.word}' is installed, nor named in the workspace"
        return Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=reason,
            at=at,
            allowed=nearest(part.word, module.submodules if part.submodule else module.words),
        )


def _normal(word: str) -> str:
    """The word as Python takes it."""
    return word if word.isascii() else unicodedata.normalize("NFKC", word)


def needed_imports(
    constraints: Iterable[Constraint], text: str
) -> tuple[Import, ...] | None:
    """What a finished text has to have imported; None where nothing is known of imports."""
    found = _among(constraints)
    return found.needed(text) if found is not None else None


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
    if "#" in text:
        text = _COMMENT.sub(lambda comment: " " * len(comment.group()), text)
    depth = 0
    for match in _TURN.finditer(text):
        character, index = match.group(), match.start()
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == ";" or (not depth and text[index - 1] != "\\"):
            # What ends it also ends its last word.
            return text[:index] + "\n"
    return text


@lru_cache(maxsize=128)
def _parts(statement: str) -> tuple[_Part, ...]:
    """What an import statement asks for. One that was said is read again with every token."""
    return tuple(_parts_of(statement))


def _parts_of(statement: str) -> Iterator[_Part]:
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
            yield _Part("".join(module.split()), word.group(), at, False, finished)
        place += len(item) + 1


def _path(statement: str, at: int, path: str) -> Iterator[_Part]:
    """The words of a dotted path."""
    lead = _DOTS.match(path)
    assert lead is not None  # of nothing, it may be
    words = list(_WORD.finditer(path, lead.end()))
    if words and lead.group()[-1:].isspace() and _IMPORT.startswith(words[0].group()):
        # Half the keyword, and no module.
        return
    module = "".join(lead.group().split())
    for index, match in enumerate(words):
        word = match.group()
        finished = at + match.end() < len(statement)
        yield _Part(module, word, at + match.start(), True, finished)
        module = module + word if index == 0 else f"{module}.{word}"
