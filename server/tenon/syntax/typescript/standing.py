"""Standing: the buffer with something plain in the place of the line at the cursor.

If that parses, nothing else of the buffer is broken, and whatever is wrong with an answer in it is
the answer's own fault. Owns how a plain line is made from the brackets open above and closed
below; parses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tenon.syntax.typescript.scan import CLOSER, walk

_MOST = 40_000
"""Characters of a buffer that is worth several parses."""
_ENDS = ("", ";", ",")
"""What may stand behind the brackets that are closed."""
_SIGNS = re.compile(r"\)\}|[)}\]]")
_OPENS = (
    {"}": "if (0) {", ")": "_(", "]": "[", ")}": "_(() => {"},
    {"}": "{", ")": "_(", "]": "[", ")}": "_({"},
)
"""What opens the brackets that are closed further down: blocks, or objects."""


def stand_ins(prefix: str, suffix: str) -> Iterator[str]:
    """The buffer without the cursor's line, or with a plain one; nothing for a long buffer."""
    if len(prefix) + len(suffix) > _MOST:
        return
    above = prefix[: prefix.rfind("\n") + 1]
    _, line_break, rest = suffix.partition("\n")
    below = line_break + rest
    open_above: list[str] = []
    for _ in walk(above, 0, open_above):
        pass
    wanted = [sign for sign in reversed(_unopened(below)) if sign != "`"]
    left = next(
        (
            at
            for at, (opener, sign) in enumerate(zip(open_above, wanted, strict=False))
            if CLOSER[opener] != sign
        ),
        min(len(open_above), len(wanted)),
    )
    closing = "".join(CLOSER[opener] for opener in reversed(open_above[left:]))
    opened = "".join(wanted[left:])
    for forms in _OPENS if opened else _OPENS[:1]:
        opening = _SIGNS.sub(lambda sign, forms=forms: forms[sign[0]], opened)
        for end in _ENDS if closing else _ENDS[:1]:
            yield above + closing + end + opening + below


def _unopened(text: str) -> list[str]:
    """The closers of `text` that answer to nothing in it."""
    stack: list[str] = []
    depth, found = 0, []
    for sign, _, _ in walk(text, 0, stack):
        if sign in ("}", ")", "]") and len(stack) == depth:
            found.append(sign)
        depth = len(stack)
    return found
