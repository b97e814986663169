"""PythonSyntax: the cursor's context in a Python buffer, and the judges of what may stand there."""

from __future__ import annotations

from collections.abc import Callable

from tenon.syntax.context import CursorContext
from tenon.syntax.python.confirm import confirms
from tenon.syntax.python.extent import extent
from tenon.syntax.python.frame import framed
from tenon.syntax.python.lines import LineCache
from tenon.syntax.python.parse import judge_for
from tenon.syntax.python.role import role_at
from tenon.text import Document


class PythonSyntax:
    """Keeps the line tables of the last few buffers. For one thread; never raises on any text."""

    def __init__(self) -> None:
        self._cache = LineCache()

    def context(self, document: Document, offset: int) -> CursorContext:
        """The place at `offset` (clamped) of `document`, whose lines end in "\\n"."""
        text = document.text
        offset = min(max(offset, 0), len(text))
        place = extent(self._cache, self._cache.lines(document.uri, text), offset)
        around = framed(place, offset, self._cache.names)
        frame = around.frame
        return CursorContext(
            role=role_at(frame.opening[len(frame.opening) - frame.statement :], place.state),
            prefix=text[:offset],
            suffix=text[offset:],
            enclosing=around.enclosing,
            frame=frame,
        )

    def judge(self, context: CursorContext) -> Callable[[str], bool]:
        """Whether a text parses, by the judge that this place calls for."""
        return judge_for(context)

    def confirms(self, context: CursorContext, completion: str) -> bool:
        """Whether the whole buffer compiles with `completion` in it; where it was broken
        elsewhere already, whether the frame does. Tens of milliseconds at most."""
        text = context.prefix + context.suffix
        place = extent(self._cache, self._cache.lines_of(text), len(context.prefix))
        return confirms(context, completion, place, self._cache.names)

    def forget(self, uri: str) -> None:
        """The buffer was closed."""
        self._cache.forget(uri)
