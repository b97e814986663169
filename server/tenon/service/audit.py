"""Auditor: would the constraints have refused what the author wrote? The first promise, measured.

Puts a known text through exactly the checks that decoding makes, at the cuts a tokenizer makes,
without asking a model for anything.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

from tenon.constraints.constraint import Domain, Evidence
from tenon.semantics import Analyser
from tenon.service.checks import Checks
from tenon.service.model import LoadedModel
from tenon.service.settings import Settings
from tenon.text import Deadline, Document

_NO_HURRY = Deadline(at=math.inf)


class Auditor:
    """Not thread safe; loads a model for its vocabulary alone."""

    def __init__(
        self, settings: Settings, root: Path | None = None, *, model: LoadedModel | None = None
    ) -> None:
        self._model = model or LoadedModel.load(settings.model)
        self._checks = Checks(
            Analyser(root), vocabulary=self._model.vocabulary, grammars=self._model.grammars
        )

    def audit(
        self,
        document: Document,
        offset: int,
        text: str,
        *,
        domains: Collection[Domain] = frozenset(Domain),
    ) -> tuple[Evidence, ...]:
        """What the constraints hold against `text` at `offset` of `document` ("\\n" line ends).

        Empty when nothing is refused. At most one piece of evidence a domain.
        """
        held = self._checks.at(document, offset, _NO_HURRY)
        return tuple(each.evidence for each in held.objections(text, domains=domains))

    def close(self) -> None:
        self._model.close()
