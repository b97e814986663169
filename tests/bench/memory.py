"""Memory of a whole server over thousands of requests. Prints a line now and then; asserts nothing.

    python tests/bench/memory.py --requests 10000 FOLDER_OR_FILE …

One service with the bundled model is typed at, as an author would: along in a few files, a change
of file now and then, requests taken back, text that is broken, answers accepted, documents closed.
Answers are short, so that most of the time goes to analysis, grammar and matcher. Memory is what
the process holds in anonymous pages, the mapped model and libraries left out; of it, what states
of the model laid aside take is said apart, since a setting bounds it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tenon.service.request import Request, Suggestion
from tenon.service.service import Service
from tenon.service.settings import CompletionSettings, ModelSettings, Settings
from tenon.text import CancelToken, Deadline, Document, Edit, Span

_EVERY = 500
_FILES = 40
_SHORT = 4
"""Tokens of an answer."""
_CONTEXT = 512
"""Tokens that the model reads and says."""
_AT_HAND = 4
"""Files that an author has in use at one time."""
_LONGEST = 200_000


def anonymous() -> float:
    """MiB that belong to this process alone: no file and no library."""
    try:
        for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return psutil.Process().memory_full_info().uss / 2**20


def sources(places: list[Path], chance: random.Random) -> list[Path]:
    """Some of the Python files there, of all sizes."""
    found = [
        path
        for place in places
        for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))
        if 2_000 < path.stat().st_size < _LONGEST
    ]
    return chance.sample(found, min(_FILES, len(found)))


@dataclass(slots=True)
class Author:
    """Types into one service, a keystroke a request."""

    service: Service
    paths: list[Path]
    chance: random.Random
    texts: dict[Path, Document] = field(default_factory=dict)
    did: Counter[str] = field(default_factory=Counter)

    def work(self) -> Iterator[None]:
        """Goes on for ever; a request each time."""
        at_hand = self.chance.sample(self.paths, min(_AT_HAND, len(self.paths)))
        while True:
            if self.chance.random() < 0.1:
                old = at_hand.pop(0)
                self.service.forget(old.as_uri())
                self.texts.pop(old, None)
                at_hand.append(self.chance.choice(self.paths))
                self.did["closed"] += 1
            yield from self.type_in(self.chance.choice(at_hand))

    def opened(self, path: Path) -> Document:
        if path not in self.texts:
            text = path.read_text("utf-8", errors="replace")
            self.texts[path] = Document(uri=path.as_uri(), version=1, text=text)
        return self.texts[path]

    def type_in(self, path: Path) -> Iterator[None]:
        """Write the rest of some line again."""
        document = self.opened(path)
        line = self.chance.randrange(len(document.line_starts))
        span = document.line_span(line)
        wanted = document.text[span.start : span.end]
        lead = len(wanted) - len(wanted.lstrip())
        start = span.start + min(len(wanted), lead + self.chance.randrange(8))
        typed = document.text[start : span.end][: self.chance.randrange(4, 30)]
        document = self.edited(document, start, span.end, "")
        if self.chance.random() < 0.1:
            at = self.chance.randrange(len(document.text) + 1)
            document = self.edited(document, at, at, self.chance.choice("()[]'\"{:"))
            start += at <= start
            self.did["broken"] += 1
        for place, char in enumerate(typed, start):
            document = self.edited(document, place, place, char)
            outcome = self.ask(document, place + 1)
            yield
            if isinstance(outcome, Suggestion) and self.chance.random() < 0.05:
                document = self.edited(document, place + 1, place + 1, outcome.text)
                self.ask(document, place + 1 + len(outcome.text))
                self.did["accepted"] += 1
                yield
                break
        if self.chance.random() < 0.1:
            # An author who saw it go wrong takes back what was typed.
            self.texts.pop(path)
        elif path in self.texts:
            self.texts[path] = document

    def edited(self, document: Document, start: int, end: int, text: str) -> Document:
        change = Edit(span=Span(start=start, end=end), text=text)
        return document.apply([change], version=document.version + 1)

    def ask(self, document: Document, offset: int) -> object:
        chance = self.chance.random()
        cancel = CancelToken()
        request = Request(
            document=document, offset=offset, deadline=Deadline.after(0.35), cancel=cancel
        )
        future = self.service.submit(request)
        if chance < 0.05:
            time.sleep(self.chance.random() / 50)
            cancel.cancel()
            self.did["cancelled"] += 1
        outcome = future.result()
        self.did[type(outcome).__name__] += 1
        return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    paths = sources([place.absolute() for place in arguments.places], chance)
    completion = CompletionSettings(max_tokens=_SHORT)
    model = ModelSettings(context_length=_CONTEXT)
    service = Service(Settings(completion=completion, model=model), root=None)
    service.start()
    if service.wait_ready(120).state != "ready":
        print(service.status.message, file=sys.stderr)
        return 1
    author = Author(service, paths, chance)
    work = author.work()
    started = time.monotonic()
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB of text")
    for count in range(arguments.requests + 1):
        if count % _EVERY == 0:
            report(service, count, time.monotonic() - started)
        next(work)
    print(dict(author.did))
    service.close()
    return 0


def report(service: Service, count: int, seconds: float) -> None:
    states = service._model.engine.kept.held / 2**20
    held = anonymous()
    print(
        f"{count:6} requests {seconds:6.0f} s  {held - states:7.1f} MiB"
        f"  and {states:5.1f} MiB of model states",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
