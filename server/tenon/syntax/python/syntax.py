"""PythonSyntax: the cursor's context in a Python buffer, and the judges of what may stand there."""

from __future__ import annotations

from collections.abc import Callable

from tenon.syntax.context import CursorContext
from tenon.syntax.python.confirm import binding_wanted, confirms
from tenon.syntax.python.extent import Extent, extent
from tenon.syntax.python.frame import framed
from tenon.syntax.python.lines import LineCache
from tenon.syntax.python.parse import judge_for
from tenon.syntax.python.pieces import PIECES
from tenon.syntax.python.role import role_at
from tenon.text import Document


class PythonSyntax:
    """Keeps the line tables of the last few buffers. For one thread; never raises on any text."""

    pieces = PIECES

    def __init__(self) -> None:
        self._cache = LineCache()
        self._latest: tuple[CursorContext, Extent] | None = None
        """The place found last: a request asks for its own again, to judge and to confirm."""

    def context(self, document: Document, offset: int) -> CursorContext:
        """The place at `offset` (clamped) of `document`, whose lines end in "\\n"."""
        text = document.text
        offset = min(max(offset, 0), len(text))
        place = extent(self._cache, self._cache.lines(document.uri, text), offset)
        around = framed(place, offset, self._cache.names)
        frame = around.frame
        context = CursorContext(
            role=role_at(frame.opening[len(frame.opening) - frame.statement :], place.state),
            prefix=text[:offset],
            suffix=text[offset:],
            enclosing=around.enclosing,
            frame=frame,
        )
        self._latest = context, place
        return context

    def judge(self, context: CursorContext) -> Callable[[str], bool]:
        """Whether a text parses, by the judge that this place calls for; and whether it binds
        what it is there to bind."""
        judge, frame = judge_for(context), context.frame
        if frame is None or "nonlocal" not in context.suffix:
            return judge
        binds = binding_wanted(context, self._place(context), self._cache.names)
        if binds is None:
            return judge
        before, after = len(frame.opening), len(frame.closing)
        return lambda text: judge(text) and binds(text[before : len(text) - after])

    def confirms(self, context: CursorContext, completion: str) -> bool:
        """Whether the whole buffer compiles with `completion` in it; where it was broken
        elsewhere already, whether the frame does. Tens of milliseconds at most."""
        return confirms(context, completion, self._place(context), self._cache.names)

    def _place(self, context: CursorContext) -> Extent:
        if self._latest is not None and self._latest[0] is context:
            return self._latest[1]
        lines = self._cache.lines_of(context.prefix + context.suffix)
        return extent(self._cache, lines, len(context.prefix))

    def forget(self, uri: str) -> None:
        """The buffer was closed."""
        self._cache.forget(uri)
        self._latest = None
