"""Control flow: jumps stand where Python lets them, and nothing stands where no flow comes.

Owns the verdict of one domain. Python refuses a misplaced `return` too, but only once the text is
whole; here the word itself is refused. What the author wrote is never held against the text.
"""

from __future__ import annotations

import ast
import re
from functools import partial

from tenon.constraints.constraint import (
    ANYTHING,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.flow import Block, Fault, Flow, FlowReader, Rules, width
from tenon.constraints.state import STRING_PREFIXES
from tenon.semantics.trees import expression_tree
from tenon.syntax.context import Block as Enclosing
from tenon.syntax.context import CursorContext

_REACHABLE = ("yield", "assert", "if")
"""What authors write behind a jump: a `yield` makes a generator of a function that is none."""
_LOOPS = frozenset({"for", "while", "async for"})
_FUNCTIONS = frozenset({"def", "async def"})
_VALUES = frozenset({
    "str", "int", "bool", "float", "complex", "bytes", "bytearray", "list", "dict", "set", "tuple",
    "frozenset", "List", "Dict", "Set", "Tuple", "FrozenSet",
})  # fmt: skip
"""Annotations that do not allow for None."""
_DEFINED = re.compile(r"(?:async\s+)?def\s+(\w+)")
_FAR = 120
"""Lines that are looked through for the definition above."""
_EXIT = re.compile(r"\b(?:return|raise|yield|assert|while)\b")


class ControlFlow:
    """The control flow domain at one cursor."""

    domain = Domain.CONTROL_FLOW

    def __init__(self, context: CursorContext, opening: str) -> None:
        self._context = context
        rules = Rules(
            word=_misplaced,
            first=_unreachable,
            left=partial(_valueless, context),
            entered=self._defined_again,
        )
        self._flow = FlowReader(opening, rules)

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        return ANYTHING if evidence is None else refused(evidence)

    def refusal(self, text: str) -> Evidence | None:
        flow = self._flow.read(text)
        fault = flow.fault or self._begun_fault(flow, text)
        if fault is None:
            return None
        return Evidence(
            domain=self.domain, verdict=Verdict.DEAD, reason=fault.reason, at=max(fault.at, 0)
        )

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        blocks = self._flow.start.blocks
        barred = [
            word
            for word in ("return", "yield", "await", "break", "continue", "nonlocal")
            if _misplaced(self._flow.start, word)
        ]
        said = f"no {', '.join(barred)}" if barred else "every jump"
        return Evidence(
            domain=self.domain,
            verdict=Verdict.OPEN if barred else Verdict.COMPLETE,
            reason=f"{said} may stand in {blocks[-1].kind if blocks else 'the module'}",
        )

    def _defined_again(self, flow: Flow, header: str, said: str) -> str:
        """Why this function cannot follow: it hides the one directly above it."""
        match = _DEFINED.match(header)
        if match is None or flow.decorated or match.group(1) == "_":
            return ""
        lines = (self._context.prefix + said).split("\n")
        for row in range(len(lines) - 2, max(len(lines) - _FAR, -1), -1):
            line = lines[row]
            lead = width(line[: len(line) - len(line.lstrip())])
            if not line.strip() or lead > flow.indent or line.lstrip().startswith((")", "#")):
                continue
            decorated = row > 0 and lines[row - 1].lstrip().startswith(("@", ")"))
            same = lead == flow.indent and _name_of(line.strip()) == match.group(1)
            return f"'{match.group(1)}' is defined just above" if same and not decorated else ""
        return ""

    @staticmethod
    def _begun_fault(flow: Flow, text: str) -> Fault | None:
        """What is wrong with a statement of which only a part of its first word is said."""
        part = flow.partial
        if not part or flow.behind is None or part.lower() in STRING_PREFIXES:
            return None
        lead = text[text.rfind("\n", 0, flow.end) + 1 : flow.end]
        if lead.strip() or width(lead) != flow.behind[1]:
            return None
        if any(word.startswith(part) for word in _REACHABLE):
            return None
        return Fault(_behind(flow.behind[0]), flow.end)


def _valueless(context: CursorContext, block: Block, header: str) -> str:
    """A function that must return a value is left, and has no way to."""
    if block.kind not in _FUNCTIONS or block.exits or not block.says and block.at >= 0:
        return ""
    if block.at < 0:
        header = _author_header(context, block)
    name, arrow, annotation = header.rpartition("->")
    if not arrow or not _is_value(annotation.strip().rstrip(":")):
        return ""
    function = re.search(r"def\s+(\w+)", name)
    called = f"{function.group(1)}()" if function else "the function"
    return f"{called} must return {annotation.strip().rstrip(':')}, and returns nothing"


def _author_header(context: CursorContext, block: Block) -> str:
    """The header of the author's function that the cursor stands in, if it has no exit before
    the cursor and nothing of its body behind; else ""."""
    mine = [
        each
        for each in context.enclosing
        if each.kind == "def" and width(each.indent) == block.indent
    ]
    following = next((line for line in context.suffix.split("\n")[1:] if line.strip()), "")
    lead = following[: len(following) - len(following.lstrip())]
    if not mine or width(lead) > block.indent:
        return ""
    body = _body_of(context.prefix, mine[-1])
    if body is None or _EXIT.search(body) or not _does(body):
        return ""
    return mine[-1].header


def _name_of(header: str) -> str:
    match = _DEFINED.match(header)
    return match.group(1) if match is not None else ""


def _body_of(prefix: str, function: Enclosing) -> str | None:
    """What stands below the header of the author's function; None where the function was not
    found, or is decorated."""
    start = function.indent + function.header.split("(", 1)[0]
    lines = prefix.split("\n")
    for row in range(len(lines) - 1, -1, -1):
        if lines[row].startswith(start):
            decorated = row > 0 and lines[row - 1].strip().startswith(("@", ")"))
            return None if decorated else "\n".join(lines[row + 1 :])
    return None


def _function(flow: Flow) -> Block | None:
    """The function whose body a statement stands in; None in a class's body or a module's."""
    scopes = _scopes(flow)
    return scopes[-1] if scopes and scopes[-1].kind in _FUNCTIONS else None


def _scopes(flow: Flow) -> list[Block]:
    return [block for block in flow.blocks if block.kind in _FUNCTIONS or block.kind == "class"]


def _misplaced(flow: Flow, word: str) -> str:
    """Why a keyword cannot stand here; "" where it can."""
    if word in ("break", "continue"):
        for block in reversed(flow.blocks):
            if block.kind in _LOOPS:
                return ""
            if block.kind in _FUNCTIONS or block.kind == "class":
                break
        return f"'{word}' stands outside a loop"
    if word == "nonlocal":
        if any(block.kind in _FUNCTIONS for block in _scopes(flow)[:-1]):
            return ""
        return "'nonlocal' stands in no function that another one encloses"
    if word in ("return", "yield"):
        # In a bracket or a lambda it may be the lambda that yields.
        if word == "yield" and (flow.brackets or flow.lambdas):
            return ""
        return "" if _function(flow) is not None else f"'{word}' stands outside a function"
    if word == "await":
        # A generator expression may await anywhere, and stands in round brackets.
        waits = "(" not in flow.brackets
    else:
        waits = word in ("for", "with") and flow.previous == "async" and flow.first == "async"
        waits = waits and not flow.header and not flow.brackets
    function = _function(flow) if waits else None
    if not waits or (function is not None and function.kind == "async def"):
        return ""
    said = word if word == "await" else f"async {word}"
    return f"'{said}' stands outside an async function"


def _unreachable(flow: Flow, token: str) -> str:
    """Why a statement cannot begin with `token` here; "" where it can."""
    if flow.behind is None or flow.behind[1] != flow.indent:
        return ""
    return "" if token == "''" or token in _REACHABLE else _behind(flow.behind[0])


def _behind(word: str) -> str:
    return f"what stands behind '{word}' is never reached"


def _is_value(annotation: str) -> bool:
    """Whether an annotation is one that None does not meet, and that means itself."""
    try:
        node = expression_tree(annotation)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    node = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(node, ast.Name) and node.id in _VALUES


def _does(body: str) -> bool:
    """Whether a function's body, as far as it goes, is more than a stub's."""
    return bool(re.search(r"^\s*(?!pass\b|\.\.\.|[rRuU]?[\"'#])\S", body, re.MULTILINE))
