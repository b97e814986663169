"""Typing along, accepting, and looking on: what was begun is gone on with, not begun again."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Iterator

import pytest

from tenon.decoding.answer import Stop
from tenon.service.request import Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.service import Service
from tenon.service.settings import CompletionSettings, Settings
from tenon.text import Deadline, Document

WAIT = 30
LOOP = (
    "def parse(text):\n"
    "    values = []\n"
    "    for line in text.splitlines():\n"
    "        <|>\n"
    "    return values\n"
)
"""The model has much to say here."""
COMMENT = "import os\n\n# Return the <|>\ndef read(path):\n    pass\n"
"""Every word that the model says here could be the last."""
CUT = 10.0
"""Seconds, on a clock that every look moves on, by when it has said one word of several."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Prepares nothing by itself: what the engine does, a request has asked for."""
    service = Service(Settings(completion=CompletionSettings(prepare=False)))
    service.start()
    assert service.wait_ready(60).state == "ready"
    # The first analysis reads what later ones find read; late facts may upset an answer.
    ask(service, LOOP, uri="file:///warm.py", deadline=Deadline(at=math.inf))
    yield service
    service.close()


@pytest.fixture(scope="module")
def busy() -> Iterator[Service]:
    """Prepares in idle time."""
    service = Service(Settings())
    service.start()
    assert service.wait_ready(60).state == "ready"
    # The first analysis reads what later ones find read; late facts may upset an answer.
    ask(service, LOOP, uri="file:///warm.py", deadline=Deadline(at=math.inf))
    yield service
    service.close()


@pytest.fixture
def slow() -> Iterator[tuple[Service, queue.Queue[Request]]]:
    """Tells of what is ready; new in each test, so that nothing is read yet."""
    ready: queue.Queue[Request] = queue.Queue()
    service = Service(Settings(), on_ready=ready.put)
    service.start()
    assert service.wait_ready(60).state == "ready"
    yield service, ready
    service.close()


class Ticks:
    """A clock on which every look takes a second: no work comes near to that."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 1.0
        return self._now


def request(marked: str, *, uri: str, deadline: Deadline | None = None, **more) -> Request:
    before, cursor, after = marked.partition("<|>")
    assert cursor
    document = Document(uri=uri, version=1, text=before + after, language="python")
    deadline = deadline or Deadline.after(20)
    return Request(document=document, offset=len(before), deadline=deadline, **more)


def ask(service: Service, marked: str, **more) -> Outcome:
    return service.submit(request(marked, **more)).result(WAIT)


def typed(marked: str, text: str) -> str:
    return marked.replace("<|>", text + "<|>")


def reading(service: Service, asked: Request) -> float:
    """Milliseconds that the whole of its prompt takes to read, by what was measured."""
    model = service._model
    return model.prompt_budget(service.settings.completion.max_tokens) / (
        model.speed.prefill_tokens_per_s / 1e3
    )


def context(service: Service) -> list[int]:
    """The tokens the engine holds: unchanged where it was not asked."""
    return list(service._model.engine._cached)


def test_typing_along_a_suggestion_asks_the_model_nothing(service: Service) -> None:
    uri = "file:///along.py"
    first = ask(service, LOOP, uri=uri)
    assert isinstance(first, Suggestion)
    assert len(first.text) > 20
    before = context(service)
    for length in (1, 2, 5, 14):
        outcome = ask(service, typed(LOOP, first.text[:length]), uri=uri)
        assert isinstance(outcome, Suggestion)
        assert outcome.text == first.text[length:]
        assert outcome.evidence == first.evidence
    assert context(service) == before


def test_what_an_answer_cost_is_booked_on_the_request_that_it_was_spent_for(
    service: Service,
) -> None:
    whole = ask(service, LOOP, uri="file:///cost.py")
    assert isinstance(whole, Suggestion)
    assert len(whole.timings.constraint_us) >= 2
    on = ask(service, typed(LOOP, whole.text[:2]), uri="file:///cost.py")
    assert isinstance(on, Suggestion)
    assert (whole.text, on.timings.constraint_us) == (whole.text[:2] + on.text, ())
    assert (on.timings.constraint, on.timings.drafted) == (0.0, 0)


def test_what_time_cut_short_is_gone_on_with(service: Service) -> None:
    """The cut answer, typed on and asked for again, becomes what it would have been at once."""
    whole = ask(service, COMMENT, uri="file:///whole.py")
    assert isinstance(whole, Suggestion)

    uri = "file:///cut.py"
    cut = ask(service, COMMENT, uri=uri, deadline=Deadline(at=CUT, clock=Ticks()))
    assert isinstance(cut, Suggestion)
    assert cut.stop is Stop.DEADLINE
    assert 0 < len(cut.text) < len(whole.text)
    held = context(service)
    outcome = ask(service, typed(COMMENT, cut.text[:3]), uri=uri)
    assert isinstance(outcome, Suggestion)
    assert cut.text[:3] + outcome.text == whole.text
    # It went on from the tokens there were: no prompt was computed anew.
    assert context(service)[: len(held) - 1] == held[:-1]


def test_who_types_something_else_gets_another_answer(service: Service) -> None:
    uri = "file:///else.py"
    first = ask(service, LOOP, uri=uri)
    assert isinstance(first, Suggestion)
    assert not first.text.startswith("values.")
    other = ask(service, typed(LOOP, "values."), uri=uri)
    assert not isinstance(other, Superseded)
    if isinstance(other, Suggestion):
        assert not first.text.endswith(other.text)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(LOOP.replace("values", "result"), id="before"),
        pytest.param(LOOP.replace("return values", "return None"), id="behind"),
        pytest.param(LOOP.replace("<|>\n", "\n<|>"), id="moved"),
    ],
)
def test_a_buffer_changed_elsewhere_is_read_anew(service: Service, changed: str) -> None:
    uri = "file:///changed.py"
    assert isinstance(ask(service, LOOP, uri=uri), Suggestion)
    before = context(service)
    ask(service, changed, uri=uri)
    assert context(service) != before


def test_one_documents_answer_is_not_anothers(service: Service) -> None:
    first = ask(service, LOOP, uri="file:///mine.py")
    assert isinstance(first, Suggestion)
    marked = typed(LOOP, first.text[:2])
    before = context(service)
    ask(service, marked, uri="file:///yours.py")
    assert context(service) != before


def test_a_closed_documents_answers_are_forgotten(service: Service) -> None:
    uri = "file:///closed.py"
    ask(service, LOOP, uri=uri)
    service.forget(uri)
    assert service._continuations.find(request(LOOP, uri=uri)) is None


def test_windows_line_ends_are_typed_along_too(service: Service) -> None:
    uri = "file:///windows.py"
    marked = LOOP.replace("\n", "\r\n")
    first = ask(service, marked, uri=uri)
    assert isinstance(first, Suggestion)
    length = first.text.index("\r\n") + 3
    outcome = ask(service, typed(marked, first.text[:length]), uri=uri)
    assert isinstance(outcome, Suggestion)
    assert outcome.text == first.text[length:]


def test_a_forced_beginning_is_kept_to(service: Service) -> None:
    uri = "file:///forced.py"
    first = ask(service, LOOP, uri=uri)
    assert isinstance(first, Suggestion)
    same = ask(service, LOOP, uri=uri, forced=first.text[:4])
    other = ask(service, LOOP, uri=uri, forced="values")
    assert isinstance(same, Suggestion)
    assert same.text == first.text
    assert isinstance(other, Nothing) or other.text.startswith("values")


def prepared(service: Service, asked: Request, *, seconds: float = 20) -> bool:
    """Whether an answer to `asked` is made within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = service._continuations.find(asked)
        if found is not None and found[0].decoding.over:
            return True
        time.sleep(0.02)
    return False


def test_what_follows_a_suggestion_is_there_when_it_is_accepted(busy: Service) -> None:
    uri = "file:///accepted.py"
    first = ask(busy, LOOP, uri=uri)
    assert isinstance(first, Suggestion)
    accepted = request(typed(LOOP, first.text), uri=uri)
    assert prepared(busy, accepted)
    before = context(busy)
    assert isinstance(busy.submit(accepted).result(WAIT), Suggestion)
    assert context(busy) == before


def test_what_time_cut_short_is_finished_in_idle_time(busy: Service) -> None:
    uri = "file:///idle.py"
    cut = ask(busy, COMMENT, uri=uri, deadline=Deadline(at=CUT, clock=Ticks()))
    assert isinstance(cut, Suggestion)
    assert cut.stop is Stop.DEADLINE
    assert prepared(busy, request(COMMENT, uri=uri))
    before = context(busy)
    outcome = ask(busy, typed(COMMENT, cut.text[:2]), uri=uri)
    assert isinstance(outcome, Suggestion)
    assert outcome.stop is not Stop.DEADLINE
    assert context(busy) == before


def test_a_prompt_that_is_not_read_in_time_is_answered_in_time_and_ready_later(
    slow: tuple[Service, queue.Queue[Request]],
) -> None:
    service, ready = slow
    uri = "file:///long.py"
    lines = "\n".join(f"first_{number} = second_{number} + {number}" for number in range(200))
    marked = f"{lines}\n\n\n{LOOP}"
    asked = request(marked, uri=uri, deadline=Deadline.after(0.02))
    nothing = service.submit(asked).result(WAIT)
    assert isinstance(nothing, Nothing)
    assert nothing.cut_short
    assert nothing.timings.total < 0.5 * reading(service, asked)
    told = ready.get(timeout=WAIT)
    assert (told.document, told.offset) == (asked.document, asked.offset)
    before = context(service)
    assert isinstance(ask(service, marked, uri=uri), Suggestion)
    assert context(service) == before
    # Told once for a place, though time should run out there again.
    assert ready.empty()


def test_a_keystroke_does_not_wait_for_what_is_being_prepared(busy: Service) -> None:
    waits = []
    for number in range(6):
        uri = f"file:///keys{number}.py"
        ask(busy, COMMENT, uri=uri, deadline=Deadline(at=CUT, clock=Ticks()))
        time.sleep(0.05 * number)
        outcome = ask(busy, COMMENT.replace("path", f"path{number}"), uri=uri)
        assert isinstance(outcome, Suggestion | Nothing)
        waits.append(outcome.timings.queue)
    # A few milliseconds on a machine of its own.
    assert sorted(waits)[3] < 60
