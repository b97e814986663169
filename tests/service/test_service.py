"""A request gets one outcome, in time, whatever the buffer holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import time

import pytest

from tenon.constraints.constraint import Domain
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.service import Service, Status
from tenon.service.settings import CompletionSettings, ModelSettings, Settings
from tenon.text import CancelToken, Deadline, Document

WAIT = 30


def request(marked: str, *, seconds: float = 10, uri: str = "file:///case.py", **more) -> Request:
    """A request at the `<|>` of `marked`."""
    before, cursor, after = marked.partition("<|>")
    assert cursor and "<|>" not in after
    language = more.pop("language", "python")
    document = Document(uri=uri, version=1, text=before + after, language=language)
    return Request(
        document=document, offset=len(before), deadline=Deadline.after(seconds), **more
    )


def ask(service: Service, marked: str, **more) -> Outcome:
    return service.submit(request(marked, **more)).result(WAIT)


def completed(marked: str, outcome: Outcome) -> str:
    """The buffer with the suggestion in it; as it is where there is none."""
    text = outcome.text if isinstance(outcome, Suggestion) else ""
    return marked.replace("<|>", text)


HOLES = [
    "import os\n\ndef read(path):\n    with open(path) as handle:\n        return <|>\n",
    "def total(items):\n    result = 0\n    for item in items:\n        result += <|>\n    return result\n",
    "print(<|>)\n",
    "class A:\n    def __init__(self, name):\n        self.name = <|>\n",
    "try:\n    value = int(<|>\nexcept ValueError:\n    value = 0\n",
    "def f(x):\n    if x<|>\n        return 1\n    return 2\n",
    "x = [1, 2, <|>]\n",
    "def f(a, b):\n    <|>\n\n\nf(1, 2)\n",
    "message = f'{<|>}'\n",
    "name = 'abc<|>'\n",
    "retu<|>",
    "def f():\n\tretu<|>\n",
    "<|>",
]


@pytest.mark.parametrize("marked", HOLES)
def test_an_answer_parses_with_what_surrounds_it(service, marked) -> None:
    outcome = ask(service, marked)
    assert isinstance(outcome, Suggestion | Nothing)
    if isinstance(outcome, Suggestion):
        ast.parse(completed(marked, outcome))


def test_most_holes_get_an_answer(service) -> None:
    outcomes = [ask(service, marked) for marked in HOLES]
    answered = [outcome for outcome in outcomes if isinstance(outcome, Suggestion)]
    assert len(answered) >= len(HOLES) * 0.7, outcomes


def test_an_answer_says_what_held_and_how_long_it_took(service) -> None:
    outcome = ask(service, HOLES[1])
    assert isinstance(outcome, Suggestion)
    assert outcome.confirmed
    assert Domain.SYNTAX in {evidence.domain for evidence in outcome.evidence}
    assert 0 < outcome.timings.total < WAIT * 1000
    assert len(outcome.timings.constraint_us) <= outcome.tokens


def test_an_unconstrained_answer_is_the_models_own(service) -> None:
    outcome = ask(service, HOLES[0], constrained=False)
    if isinstance(outcome, Suggestion):
        assert not outcome.confirmed
        assert outcome.refused == ()


def test_line_ends_are_given_back_as_the_buffer_has_them(service) -> None:
    marked = "def f(a, b):\r\n    <|>\r\n\r\n\r\nf(1, 2)\r\n"
    outcome = ask(service, marked)
    whole = completed(marked, outcome)
    assert whole.count("\n") == whole.count("\r\n")
    ast.parse(whole)


def test_selected_text_begins_the_answer(service) -> None:
    marked = "import os\nos.path.<|>\n"
    outcome = ask(service, marked, forced="join")
    if isinstance(outcome, Suggestion):
        assert outcome.text.startswith("join")


def test_chunks_grow_towards_texts_that_could_stand(service) -> None:
    chunks: list[Chunk] = []
    marked = HOLES[1]
    outcome = service.submit(request(marked), chunks.append).result(WAIT)
    for chunk in chunks:
        ast.parse(marked.replace("<|>", chunk.text))
    if isinstance(outcome, Suggestion):
        assert chunks


def test_a_newer_request_for_a_document_supersedes_the_older(service) -> None:
    futures = [service.submit(request(HOLES[1])) for _ in range(20)]
    outcomes = [future.result(WAIT) for future in futures]
    assert not isinstance(outcomes[-1], Superseded)
    assert sum(isinstance(outcome, Superseded) for outcome in outcomes) >= 15


def test_requests_for_different_documents_do_not_disturb_each_other(service) -> None:
    futures = [
        service.submit(request(HOLES[1], uri=f"file:///case{number}.py")) for number in range(4)
    ]
    assert not any(isinstance(future.result(WAIT), Superseded) for future in futures)


def test_a_cancelled_request_ends_soon(service) -> None:
    token = CancelToken()
    long = "x = 1\n" * 3000 + "def f(a):\n    return <|>\n"
    future = service.submit(request(long, cancel=token))
    token.cancel()
    started = time.monotonic()
    assert isinstance(future.result(WAIT), Superseded)
    assert time.monotonic() - started < 2


def test_closing_a_document_cancels_what_runs_for_it(service) -> None:
    future = service.submit(request(HOLES[1], uri="file:///closed.py"))
    service.forget("file:///closed.py")
    assert isinstance(future.result(WAIT), Superseded | Suggestion | Nothing)


def test_a_passed_deadline_gives_nothing_and_says_why(service) -> None:
    outcome = ask(service, HOLES[1], seconds=-1)
    assert isinstance(outcome, Nothing)
    assert "time" in outcome.reason


@pytest.mark.parametrize(
    "marked",
    [
        "\x00<|>\x00",
        "\ud800 = <|>\n",
        "(" * 5000 + "<|>",
        "x = '''<|>",
        "if True:\n<|>",
        "def f(:\n  return <|>\n}\n",
        "\t \tx<|>\n \t y\n",
        "\ufeffimport <|>\n",
        "x = " + "1 + " * 20_000 + "<|>\n",
        "é = 'ü'; 🙂<|>\n",
        "class A:\r  def f(self):\r    return <|>\r",
        "a\x0cb = <|>\n",
        "f'{<|>",
        "match <|>:\n    case",
    ],
)
def test_bad_input_gets_an_answer_or_nothing_within_the_deadline(service, marked) -> None:
    started = time.monotonic()
    outcome = ask(service, marked, seconds=2)
    assert isinstance(outcome, Suggestion | Nothing)
    assert "internal fault" not in getattr(outcome, "reason", "")
    assert time.monotonic() - started < 6


def test_a_cursor_outside_the_buffer_is_clamped(service) -> None:
    document = Document(uri="file:///short.py", version=1, text="x = 1\n")
    for offset in (-5, 500):
        outcome = service.submit(
            Request(document=document, offset=offset, deadline=Deadline.after(5))
        ).result(WAIT)
        assert "internal fault" not in getattr(outcome, "reason", "")


def test_a_language_without_a_grammar_is_declined(service) -> None:
    outcome = ask(service, "fn main() { <|> }", language="rust")
    assert isinstance(outcome, Nothing)
    assert "rust" in outcome.reason


def test_silence_in_comments_and_strings_is_a_setting(service) -> None:
    before = service.settings
    try:
        quiet = CompletionSettings(in_comments=False, in_strings=False)
        service.configure(before.model_copy(update={"completion": quiet}))
        assert "comment" in ask(service, "# a remark about <|>\nx = 1\n").reason
        assert "string" in ask(service, "x = 'a text about <|>'\n").reason
    finally:
        service.configure(before)


def test_a_model_that_cannot_be_used_is_a_fault_with_its_reason(tmp_path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    statuses: list[Status] = []
    service = Service(Settings(model=ModelSettings(path=str(broken))), on_status=statuses.append)
    try:
        service.start()
        status = service.wait_ready(WAIT)
        assert status.state == "fault"
        assert "broken.gguf" in status.message
        outcome = ask(service, HOLES[0])
        assert isinstance(outcome, Nothing)
        assert "broken.gguf" in outcome.reason
        service.configure(Settings())
        assert service.wait_ready(WAIT).state == "ready"
        assert [status.state for status in statuses][-1] == "ready"
    finally:
        service.close()
        service.close()
    assert isinstance(ask(service, HOLES[0]), Nothing)


def test_before_the_model_is_there_the_answer_is_nothing_at_once() -> None:
    service = Service(Settings())
    try:
        outcome = ask(service, HOLES[0])
        assert isinstance(outcome, Nothing)
        assert "loading" in outcome.reason
    finally:
        service.close()


TICKET = (
    "class Ticket:\n"
    "    def __init__(self, number: int, title: str) -> None:\n"
    "        self.number = number\n"
    "        self.title = title\n"
    "\n"
    "    def __str__(self) -> str:\n"
    '        return f"#{self.<|>}"\n'
)


def test_who_says_what_stands_behind_the_cursor_too_has_answered_before_it(service) -> None:
    outcome = service.submit(request(TICKET, seconds=20)).result(WAIT)
    assert isinstance(outcome, Suggestion)
    # The model goes on with the brace and the quote, and could open another string then.
    assert '"' not in outcome.text


HANDLER = "class ErrorHandler:\n    def warning(se<|>\n        print(exception)\n"


def test_where_nothing_has_all_that_is_asked_for_less_is_offered(service) -> None:
    outcome = service.submit(request(HANDLER, seconds=20)).result(WAIT)
    assert isinstance(outcome, Suggestion)
    ast.parse(HANDLER.replace("<|>", outcome.text))
    # Lines below read a name; a header that lacks it says so.
    said = [each.reason for each in outcome.relaxed if each.domain is Domain.NAMES]
    assert "exception" in outcome.text or any("all that is asked for" in each for each in said)


FIRST = """
import sys
from tenon.service.request import Request
from tenon.service.service import Service
from tenon.service.settings import Settings
from tenon.text import Deadline, Document

service = Service(Settings())
service.start()
assert service.wait_ready(60).state == "ready"
for thread in (service._engine_thread, service._analysis._thread):
    thread.submit(int).result()
before = set(sys.modules)
document = Document(uri="file:///a.py", version=1, text="import json\\n\\nx = json.\\n")
service.submit(Request(document=document, offset=21, deadline=Deadline.after(20))).result()
service.close()
print(*(name for name in set(sys.modules) - before if name.startswith("tenon")))
"""


def test_the_first_request_finds_everything_imported() -> None:
    ended = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True)
    assert (ended.stdout.strip(), ended.returncode) == ("", 0), ended.stderr
