"""Binding: a `nonlocal` whose name nothing binds, while the cursor stands where it could be bound.

Such a buffer does not compile, and is not broken for that: what is missing is what the author is
about to write. Owns how that is told, which is by trying it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tenon.syntax.python.parse import complaint, parses

_UNBOUND = re.compile(r"no binding for nonlocal '(\w+)' found")
_WORD = re.compile(r"[^\W\d]\w*\Z")
_FORMS = ("{}", "{} = 0", "{} = _", "{} =", " {}", " {}:", "{},", ", {}", "= 0")
"""Completions that bind a name at some place or other."""
_NAMES = 8
"""Names that one statement is thought to bind."""


def waits_for_binding(text: str, filled: Callable[[str], str], before: str) -> bool:
    """Whether `text` lacks nothing so much as a binding, and a completion could give it one:
    `filled` puts it in at the cursor, which stands behind `before`."""
    names: list[str] = []
    while "nonlocal" in text and len(names) < _NAMES:
        found = _UNBOUND.search(complaint(text) or "")
        if found is None or found[1] in names:
            return False
        names.append(found[1])
        if any(parses(filled(one)) for one in _binding(names, before)):
            return True
        # There may be more of them, all bound by one statement.
        text = filled(" = ".join([*names, "0"]))
    return False


def _binding(names: list[str], before: str) -> Iterator[str]:
    if len(names) > 1:
        yield " = ".join([*names, "0"])
        yield ", ".join(names)
        return
    (name,) = names
    half = _WORD.search(before[-len(name) :])
    if half is not None and name.startswith(half[0]):
        yield from (form.format(name[len(half[0]) :]) for form in _FORMS[:3])
    yield from (form.format(name) for form in _FORMS)
