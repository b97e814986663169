"""Summary: what a module's text defines and imports, at a glance.

Owns the quick look at a file of which no tree is wanted: regular expressions over its lines, a
hundred times cheaper than parsing it. Errs towards too little; knows no files and no search path.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

_FROM = re.compile(
    r"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(?:\(([^()]*)\)|((?:[^\n\\#;]|\\\n)*))", re.M
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+((?:[^\n\\#;]|\\\n)*)", re.M)
_COMMENT = re.compile(r"#[^\n]*")
_ITEM = re.compile(r"\s*([^\W\d][\w.]*)(?:\s+as\s+([^\W\d]\w*))?\s*\Z")
_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+([^\W\d]\w*)|class[ \t]+([^\W\d]\w*)"
    r"|([^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=))",
    re.M,
)
_STUB_LINE = re.compile(
    r"^( {4})?(?:(?:async def|def|class) (\w+)|(if|elif|else)\b([^\n]*)|(\w+) ?[:=]"
    r"|from ([.\w]+) import (?:\(([^()]*)\)|([^\n]*)))",
    re.M,
)
_ALL = re.compile(r"^ *__all__ *\+?= *[\[(]([^\])]*)[\])]", re.M)
_QUOTED = re.compile(r"[\"'](\w+)[\"']")
_VERSION = re.compile(r"sys\.version_info (>=|<) \((\d+), (\d+)\)")


@dataclass(frozen=True, slots=True)
class Use:
    """One name that an import statement binds."""

    module: str
    """As it is written: relative ones keep their dots."""
    name: str
    """"" where the module itself is imported."""
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    defined: tuple[str, ...] = ()
    """Public names that the top level defines, in order."""
    uses: tuple[Use, ...] = ()
    """Public names that it imports, anywhere; star imports are left out."""


def summary_of(text: str) -> Summary:
    """The summary of a source text, which need not parse."""
    defined: dict[str, None] = {}
    for match in _DEFINITION.finditer(text):
        name = match.group(1) or match.group(2) or match.group(3)
        if not name.startswith("_"):
            defined[sys.intern(name)] = None
    uses: dict[Use, None] = {}
    for match in _FROM.finditer(text):
        module = sys.intern(match.group(1))
        if module and module != "__future__":
            items = _COMMENT.sub("", match.group(2) or match.group(3) or "")
            for name, alias in _items(items):
                if "." not in name:
                    uses[Use(module, name, alias)] = None
    for match in _IMPORT.finditer(text):
        for name, alias in _items(match.group(1)):
            uses[Use(name, "", alias)] = None
    return Summary(defined=tuple(defined), uses=tuple(uses))


def exported_of(text: str, package: str) -> frozenset[str]:
    """Public names that a package's `__init__` plainly offers: those it lists or defines, and
    those it takes from its own modules."""
    names = {name for each in _ALL.findall(text) for name in _QUOTED.findall(each)}
    if not names:
        names.update(summary_of(text).defined)
        for match in _FROM.finditer(text):
            module = match.group(1)
            # What is indented may be for type checkers alone.
            if match.group()[0] == "f" and module.startswith((".", package)):
                items = _COMMENT.sub("", match.group(2) or match.group(3) or "")
                names.update(alias or name for name, alias in _items(items))
    return frozenset(name for name in names if not name.startswith("_"))


def _items(text: str) -> list[tuple[str, str]]:
    """Names and aliases of an import list; those that bind no public name are left out."""
    found = []
    for item in text.replace("\\\n", " ").split(","):
        match = _ITEM.match(item)
        if match is not None:
            name, alias = match.group(1), match.group(2) or ""
            if not (alias or name).startswith("_"):
                alias = "" if alias == name else alias
                found.append((sys.intern(name), sys.intern(alias)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a stub offers to an import from it, in this version of Python."""

    names: frozenset[str]
    stars: tuple[str, ...]
    """Modules all of whose names it offers too, as it writes them."""


def offer_of(stub: str) -> Offer:
    """Public names that a stub of the standard library defines or exports anew."""
    names: set[str] = set()
    stars: list[str] = []
    inside, taken = False, False
    for match in _STUB_LINE.finditer(stub):
        indent, defined, word, condition, assigned, module, many, one = match.groups()
        if not indent:
            inside = word is not None
        if word is not None:
            if not indent:
                now = word == "else" or _holds(condition)
                if word == "if":
                    taken = False
                inside = now and not taken
                taken = taken or now
            continue
        if indent and not inside:
            continue
        if module is not None:
            items = _COMMENT.sub("", many or one or "")
            if items.strip() == "*":
                stars.append(module)
            for item in items.split(","):
                name, _, alias = item.strip().partition(" as ")
                if alias and alias.strip() == name:
                    names.add(name)
        else:
            names.add(defined or assigned)
    exported = {name for each in _ALL.findall(stub) for name in _QUOTED.findall(each)}
    if exported and not stars:
        names &= exported
    public = (sys.intern(name) for name in names if name and not name.startswith("_"))
    return Offer(names=frozenset(public), stars=tuple(stars))


def _holds(condition: str) -> bool:
    """Whether a condition on the version holds here; other conditions do, for all that is known."""
    match = _VERSION.search(condition)
    if match is None:
        return True
    newer = sys.version_info[:2] >= (int(match.group(2)), int(match.group(3)))
    return newer if match.group(1) == ">=" else not newer
