"""State of a reading: what was read so far, and what may become of what follows.

Owns the values that `reading` moves between, and the questions one can ask of them. Everything
here errs towards "may still be introduced".
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from tenon.constraints.tokens import Level

KEYWORDS = frozenset(keyword.kwlist)
SOFT_KEYWORDS = frozenset({"match", "case", "type"})
STRING_PREFIXES = frozenset({"r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"})
VALUES = frozenset({"None", "True", "False"})
_WALRUS_HEADERS = frozenset({"if", "elif", "while"})

ERRORS = frozenset({"AttributeError", "NameError", "ImportError", "ModuleNotFoundError"})
"""Exceptions that what names, members or imports refuse would raise."""
_CHAIN_END = re.compile(r"[.(\[]")


class Pending(NamedTuple):
    """Something unknown that was read, unless what follows shows it to be introduced."""

    name: str
    receiver: str | None
    at: int
    depth: int
    """How many brackets it stands in."""
    target: bool
    """It may yet be an assignment's target."""
    levels: tuple[int, ...]
    """Depths of the brackets that may yet become a comprehension which binds it."""
    keyword: bool
    """`=`, `:=` or a dot right after it would make it a keyword, a walrus or an import."""
    guards: tuple[int, ...] = ()
    """Depths at which an `if` may yet follow that asks what the receiver is."""
    fresh: bool = True
    """Nothing stands after it yet."""


class Bracket(NamedTuple):
    opener: str
    kind: str
    """"call", "bases", "subscript", "display", "parameters", "typeparams", "field"."""
    element: bool
    """A `for` may still come and bind names read so far."""
    clauses: bool
    """The first `for` was read."""
    pure: bool
    """A display that holds only what assignment targets may hold."""
    chain: str | None
    """The receiver text before it, for a call or a subscript."""
    origin: int = 0
    """Where that one begins."""
    first: bool = True
    """No comma was read in it."""
    around: frozenset[str] = frozenset()
    """The names that were known or bound when it was opened."""
    variables: frozenset[str] = frozenset()
    """Those that its comprehension binds, up to its end."""


class Refused(NamedTuple):
    name: str
    receiver: str | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracles:
    knows_name: Callable[[str], bool]
    """Whether a name exists; one that could be imported counts before a dot alone."""
    importable: Callable[[str], bool]
    begins_name: Callable[[str], bool]
    """Whether any name begins so."""
    lacks_member: Callable[[str, str], bool]
    """Whether the receiver (its text) provably has no such member."""
    begins_member: Callable[[str, str], bool]
    """Whether any member of the receiver begins so, as far as is known."""
    may_prove: Callable[[str, str], bool]
    """Whether a question what the receiver is could show that a member of it begins so."""
    is_fixed: Callable[[str], bool]
    """Whether nothing new can be set on the receiver."""
    bound_later: Callable[[str], bool]
    """Whether a name will exist when what is said here is called, but does not yet."""
    is_variable: Callable[[str], bool]
    """Whether a name of the scope is one that a comprehension may bind anew."""
    bound_elsewhere: Callable[[str], bool] = lambda name: False
    """Whether a name is bound only on ways that do not lead to the cursor."""
    is_begun: Callable[[str], bool] = lambda name: False
    """Whether a name is none, save that the author's own line holds it before the cursor."""
    only_behind: Callable[[str], bool] = lambda name: False
    """Whether a name counts as known only because the author's rest of the line holds it."""
    is_parameter: Callable[[str], bool] = lambda name: False
    """Whether what is known of a name is known of it as a parameter of the author's `lambda`."""
    could_import: Callable[[str], bool] = lambda name: False
    """Whether a name that does not exist could be imported; it is then noted, not refused."""


@dataclass(slots=True)
class Reading:
    """What was read so far. Copied, never changed, once it is returned by `Reader.read`."""

    end: int = 0
    """Where the settled part of the text ends; `tail` begins there."""
    tail: str = ""
    previous: str = ""
    """The last token that counts; "" at the start of a statement."""
    before: str = ""
    """The one before it."""
    chain: str | None = None
    """The receiver text that ends with `previous`, where there is one."""
    origin: int = 0
    """Where that one begins."""
    brackets: tuple[Bracket, ...] = ()
    modes: tuple[tuple[str, int], ...] = ()
    """What binds at the moment, innermost last: ("for", depth) …"""
    targets: bool = True
    header: str = ""
    """The keyword the statement began with."""
    quote: str = ""
    """The quotes of the plain string that is open here."""
    levels: tuple[Level, ...] = ()
    """What is open of formatted strings, outermost first."""
    lost: bool = False
    """What the text reads can no longer be told: it is not judged from here on."""
    literal: bool = False
    """That string is a plain `str`."""
    comment: bool = False
    pending: tuple[Pending, ...] = ()
    known: frozenset[str] = frozenset()
    """Names in the author's part of the statement."""
    named: str = ""
    """`previous`, where it is one of these that stands there for the first time."""
    candidates: tuple[str, ...] = ()
    """Known names and members at target places of this statement: `=` would bind them."""
    imports: tuple[int, ...] = ()
    """Where import statements begin."""
    bound: frozenset[str] = frozenset()
    """Names and members (`self.x`) that the text itself introduced or changed."""
    asked: frozenset[str] = frozenset()
    """Receivers of which the text itself asks what they are or have."""
    coming: frozenset[str] = frozenset()
    """Those that will be once the assignment that is being read has its value."""
    walruses: tuple[tuple[str, int], ...] = ()
    """Those that a `:=` will bind once it has its value, each with the depth of its brackets."""
    parameters: tuple[tuple[str, int], ...] = ()
    """Those of the author's `lambda`, each with the depth of its brackets. They are known up to
    the end of its body, and count as introduced behind it."""
    deferred: bool = False
    """A `lambda` or `def` stands in the text: what it reads, it may read later."""
    followed: bool = False
    """A line of the text has ended: what it reads from here on may stand in another block."""
    author_from: int | None = None
    """From here on the text is the author's rest of the statement, and not judged, save for its
    first word: what was said may have made something else of it."""
    author_word: int | None = None
    """Where that word begins."""
    author_depth: int = 0
    """How many brackets are open there."""
    fresh_target: Refused | None = None
    """The last name that a `for` bound, where none of that name was known before."""
    captured: str = ""
    """The last name that a `case` would bind, where there is one of that name already: a dot or
    a bracket behind it shows that it is read."""
    trying: bool = False
    """The body of a `try` of the text itself is being read."""
    leaning: frozenset[str] = frozenset()
    """Names that the text reads and that exist only if the author's rest of the line binds them,
    which it has not done so far."""
    expected: frozenset[str] = frozenset()
    """Exceptions that the text itself expects, as where it says `raises(AttributeError)`."""
    imported: frozenset[str] = frozenset()
    """Names that were read and exist only once they are imported."""
    refused_name: Refused | None = None
    refused_member: Refused | None = None

    def copy(self) -> Reading:
        return Reading(*_FIELDS(self))

    @property
    def partial(self) -> str:
        """The identifier that the text ends in the middle of, or ""."""
        return self.tail if self.tail.isidentifier() and not self.quote else ""

    @property
    def runs_later(self) -> bool:
        """Whether what stands here may be evaluated later, or not at all: that of an annotation
        depends on Python's version."""
        return self.deferred or self.mode == "annotation"

    @property
    def mode(self) -> str:
        return self.modes[-1][0] if self.modes else ""


_FIELDS = attrgetter(*Reading.__slots__)


def is_operand_end(token: str) -> bool:
    """Whether an operand may end with this token, so that a bracket after it is a trailer."""
    if token in KEYWORDS:
        return token in VALUES
    return bool(token) and (token[0].isalnum() or token[0] in "_)'" or not token.isascii())


def may_be_target(state: Reading) -> bool:
    """Whether what stands here may become an assignment's target."""
    if not state.targets or state.modes:
        return False
    return all(bracket.pure for bracket in state.brackets)


def changed(state: Reading, chain: str, member: str) -> bool:
    """Whether the text itself bound the receiver anew, asked what it is, or set the member."""
    if not (state.bound or state.asked):
        return False
    touched = state.bound | state.asked
    parts = _CHAIN_END.split(chain)
    if parts[0] in touched or f"{chain}.{member}" in touched:
        return True
    return any(chain[: match.start()] in touched for match in _CHAIN_END.finditer(chain)) or (
        chain in touched
    )


def comprehension_levels(state: Reading) -> tuple[int, ...]:
    return tuple(
        level
        for level, bracket in enumerate(state.brackets)
        if bracket.element and not bracket.clauses
    )


def shadow_levels(state: Reading, chain: str, oracles: Oracles) -> tuple[int, ...]:
    """Depths of the brackets whose `for`, when it comes, may bind the receiver's name anew."""
    if not state.brackets or not oracles.is_variable(_CHAIN_END.split(chain, 1)[0]):
        return ()
    return comprehension_levels(state)


def guard_levels(
    state: Reading, chain: str, member: str, oracles: Oracles
) -> tuple[int, ...]:
    """Depths at which an `if` may follow, of a conditional expression or a comprehension, that
    asks what the receiver is, so that it has a member which begins so."""
    return tuple(range(len(state.brackets) + 1)) if oracles.may_prove(chain, member) else ()


def binds(state: Reading) -> bool:
    """Whether a name that stands here is introduced here, whatever follows."""
    mode = state.mode
    if mode in ("for", "as"):
        # What an element or a member is taken of, and by what, is read.
        within = state.brackets[state.modes[-1][1] :]
        return all(bracket.kind == "display" for bracket in within)
    if mode in ("import", "lambda", "case", "def", "class", "scope"):
        return True
    if mode == "defhead":
        depth = state.modes[-1][1]
        return len(state.brackets) == depth + 1 and state.previous in ("(", "[", ",", "*", "**")
    return bool(state.brackets) and state.brackets[-1].kind == "typeparams"


def may_introduce(state: Reading) -> bool:
    """Whether a new name that begins here may turn out to be introduced rather than read."""
    return bool(
        binds(state) or may_be_target(state) or comprehension_levels(state) or may_be_keyword(state)
    )


def may_be_keyword(state: Reading) -> bool:
    """Whether `=` or `:=` may follow a name that begins here and make it an introduction."""
    if state.brackets:
        bracket = state.brackets[-1]
        return bracket.kind not in ("subscript", "field") and state.previous in ("(", ",", "[", "{")
    return state.previous in _WALRUS_HEADERS and state.previous == state.header
