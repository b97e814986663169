"""Facts: what the analysis knows at one cursor, frozen, for any thread to read.

Owns the vocabulary between semantics and constraints. Knows no analyser and no syntax tree.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tenon.semantics.inquiry import Inquiry


class Words:
    """A closed set of names that answers membership and prefix questions in microseconds."""

    __slots__ = ("_names", "_ordered")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(names)
        self._ordered: tuple[str, ...] | None = None

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    @property
    def names(self) -> frozenset[str]:
        return self._names

    @property
    def ordered(self) -> tuple[str, ...]:
        if self._ordered is None:
            self._ordered = tuple(sorted(self._names))
        return self._ordered

    def prepare(self) -> None:
        """Put them in order now, rather than at the first question while a token waits."""
        len(self.ordered)

    @property
    def public(self) -> tuple[str, ...]:
        """Those that do not begin with an underscore, in order."""
        return tuple(name for name in self.ordered if not name.startswith("_"))

    def some(self, limit: int) -> tuple[str, ...]:
        """The first `limit` of the public ones."""
        return tuple(islice((name for name in self.ordered if not name.startswith("_")), limit))

    def beginning(self, prefix: str, *, limit: int) -> tuple[str, ...]:
        """The first `limit` names that begin with `prefix`, in order."""
        ordered = self.ordered
        place = bisect_left(ordered, prefix)
        end = place
        while end < len(ordered) and end - place < limit and ordered[end].startswith(prefix):
            end += 1
        return ordered[place:end]

    def has_prefix(self, prefix: str) -> bool:
        """Whether any name begins with `prefix` (or is it)."""
        ordered = self.ordered
        place = bisect_left(ordered, prefix)
        return place < len(ordered) and ordered[place].startswith(prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file would have to import for a name to mean something."""

    module: str
    """In the file's own manner, which may be a relative one: `pathlib`, `.models`."""
    name: str = ""
    """What is taken from the module; "" for the module itself."""
    alias: str = ""
    """The name it goes by in the file, where that is another."""
    origin: Literal["standard", "installed", "workspace"] = "installed"
    """Where the module is at home, which says where in a file its import belongs."""

    @property
    def binds(self) -> str:
        """The name that the file has from it."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def statement(self) -> str:
        alias = f" as {self.alias}" if self.alias else ""
        if self.name:
            return f"from {self.module} import {self.name}{alias}"
        return f"import {self.module}{alias}"


def _finds_none(path: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSet:
    """The names that one file could import."""

    words: Words = Words()
    """Allowed wherever a name is read. Modules are not among them."""
    find: Callable[[str], Import | None] = _finds_none
    """The best import for what the text reads, `Path` or `os.path.join`: of a name in `words`,
    or of a module before a dot. From any thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSet:
    """The names that may be read at the cursor."""

    words: Words = Words()
    importable: Words = Words()
    """Modules that are not imported here but could be; allowed as receivers."""
    imports: ImportSet = ImportSet()
    """Names that are not imported here but could be; allowed anywhere."""
    later: Words = Words()
    """Names that the function at the cursor binds only behind it: for what runs later alone."""
    elsewhere: Words = Words()
    """Those of `words` that are bound only on ways which do not lead to the cursor: what runs
    later may read them, and so may the lines that follow the cursor's own."""
    ahead: Words = Words()
    """Beside `words`, what stands before the cursor on its line, which says nothing as long as the
    completion is missing: whoever reads the line knows what it makes of them."""
    behind: Words = Words()
    """Those of `words` that count only because the line at the cursor, which says nothing as long
    as the completion is missing, goes on with them."""
    held: frozenset[str] = frozenset()
    """Those of `words` that only other lines of the cursor's own statement hold."""
    awaited: frozenset[str] = frozenset()
    """Names that other lines read and that the line at the cursor, which holds them where it would
    bind them, is left to bind."""
    complete: bool = False
    """False: a name beyond `words` may exist, and nothing may be refused."""
    reason: str = "nothing was analysed"
    """Why the set is open, or what it was gathered from."""

    def is_unimported(self, name: str) -> bool:
        """Whether nothing binds the name at the cursor, for certain."""
        known = (self.words, self.later, self.ahead)
        return self.complete and not any(name in words for words in known)

    def is_local(self, name: str) -> bool:
        """Whether it is bound here, if only on other ways: no import gives it a value."""
        return name in self.later or name in self.elsewhere

    def unimported(self, path: str) -> Import | None:
        """The import that gives the head of `path` a meaning, where nothing binds it here."""
        head, dot, _ = path.partition(".")
        if not self.is_unimported(head):
            return None
        # What has but the name of a module is one only before a dot.
        known = head in self.imports.words or (dot and head in self.importable)
        return self.imports.find(path) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSet:
    """The members of one receiver."""

    owner: str
    """Who has them, as an author would say it: "Path", "module 'os'"."""
    words: Words = Words()
    complete: bool = False
    """True only where every class and module the members come from was read to its end."""
    reason: str = ""
    """Why the set is open, or what proves it."""
    private: bool = False
    """True: names that begin with an underscore are known too. Stubs leave them out."""
    lacking: frozenset[str] = frozenset()
    """Dunder names that it has not. Of the others Python answers more than any source lists."""
    fixed: bool = False
    """True: nothing can be set on the receiver that it does not have, as on a `str`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSet:
    """What one module or package offers to an import."""

    name: str
    words: Words = Words()
    """Names for `from <name> import …`, submodules among them."""
    complete: bool = False
    submodules: Words = Words()
    """Names for `<name>.…`."""
    package: bool = False
    """True where `submodules` are all there are."""
    built: bool = False
    """True: an installer put it there, with all that is made when a package is built."""
    private: bool = False
    """True: names that begin with an underscore are known too."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything known at one cursor, within the time there was."""

    names: NameSet = NameSet()
    members: Mapping[str, MemberSet] = field(default_factory=lambda: MappingProxyType({}))
    """By receiver text without spaces; a call's arguments are left out: `self.path`, `Path()`."""
    modules: Mapping[str, ModuleSet] = field(default_factory=lambda: MappingProxyType({}))
    """By the name an import gives them: `os.path`, `.`, `..sibling`."""
    variables: frozenset[str] = frozenset()
    """Names bound as variables are: a comprehension or the like may well bind one anew."""
    parameters: frozenset[str] = frozenset()
    """Those of the `lambda` that the cursor stands in: what is known of them is known of these."""
    inquiry: Inquiry | None = None
    """Answers what the maps do not hold: expressions that were generated a moment ago."""
    late: bool = False
    """True when the deadline ended the analysis before it had looked at everything."""

    def receiver(self, text: str) -> MemberSet | None:
        """The members of a receiver, by its text; None where nothing was found out about it."""
        known = self.members.get(text)
        if known is None and self.inquiry is not None:
            return self.inquiry.members(text)
        return known

    def provable(self, text: str) -> Words | None:
        """What a receiver may turn out to have besides its members, where it is asked what it is:
        those of the classes in sight that derive from its own. None where that is not known."""
        return Words() if self.inquiry is None else self.inquiry.provable(text)

    def module(self, name: str) -> ModuleSet | None:
        """What a module offers to an import; None where nothing was found out about it."""
        known = self.modules.get(name)
        if known is None and self.inquiry is not None:
            return self.inquiry.module(name)
        return known


NOTHING_KNOWN = Facts()


def without_imports(facts: Facts) -> Facts:
    """The same, where a name that is not imported counts as none."""
    return replace(facts, names=replace(facts.names, imports=ImportSet()))
