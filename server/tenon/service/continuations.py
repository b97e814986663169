"""Continuations: answers begun, kept for the request that goes on from where they stand.

Who types along a suggestion asks again at each key, for the rest of what is there already; who
accepts it asks for what comes behind it. Owns which answers are remembered and when a request
goes on from one; decodes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenon.service.request import Request
from tenon.text import plain_line_ends

if TYPE_CHECKING:
    from tenon.decoding.decoder import Decoding
    from tenon.engine.fim import Prompt
    from tenon.service.fitting import Fit
    from tenon.syntax.context import CursorContext

_DOCUMENTS = 8
_ANSWERS = 6
"""Remembered for each document: what is shown, what would come after it, and some before."""
_SPOKEN = 200
"""Characters before an answer that are remembered with it, for drafts."""


@dataclass(slots=True, kw_only=True)
class Begun:
    """An answer in the making, or made."""

    request: Request
    """The one it was begun for."""
    context: CursorContext
    prompt: Prompt
    fit: Fit
    decoding: Decoding
    confirmed: set[str] = field(default_factory=set)
    """Answers that the language's parser has taken in the whole buffer: it is not asked again
    while they are typed."""

    def typed_since(self, request: Request) -> str | None:
        """What was typed at the cursor since this was begun, if nothing else was changed; None
        where `request` asks for something else."""
        old, new = self.request.document, request.document
        typed = request.offset - self.request.offset
        if (
            typed < 0
            or (old.language, self.request.constrained) != (new.language, request.constrained)
            or len(new.text) - len(old.text) != typed
            or new.text[: self.request.offset] != old.text[: self.request.offset]
            or new.text[request.offset :] != old.text[self.request.offset :]
        ):
            return None
        return plain_line_ends(new.text[self.request.offset : request.offset])


@dataclass(slots=True)
class Continuations:
    _by_document: OrderedDict[str, list[Begun]] = field(default_factory=OrderedDict)

    def keep(self, begun: Begun) -> None:
        """Remember `begun` as the latest of its document."""
        uri = begun.request.document.uri
        others = self._by_document.pop(uri, [])
        others = [other for other in others if other is not begun]
        self._by_document[uri] = [begun, *others][:_ANSWERS]
        while len(self._by_document) > _DOCUMENTS:
            self._by_document.popitem(last=False)

    def find(self, request: Request) -> tuple[Begun, str] | None:
        """An answer that `request` can go on from, and the part of it that was typed by now."""
        for begun in self._by_document.get(request.document.uri, ()):
            typed = begun.typed_since(request)
            if typed is not None and begun.decoding.could_begin(typed + request.forced):
                return begun, typed
        return None

    def recent(self, uri: str) -> tuple[str, ...]:
        """The texts of the document's answers with what stood before them, latest first."""
        return tuple(
            begun.context.prefix[-_SPOKEN:] + begun.decoding.text
            for begun in self._by_document.get(uri, ())
        )

    def forget(self, uri: str) -> None:
        self._by_document.pop(uri, None)

    def clear(self) -> None:
        self._by_document.clear()
