"""Names that are not imported yet: offered with their import, or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenon.service.request import Outcome, Request, Suggestion
from tenon.service.service import Service
from tenon.service.settings import Settings
from tenon.text import Deadline, Document

GROUP = "import json\n\n\ndef group(rows):\n    return <|>\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "models.py").write_text("class Warehouse:\n    pass\n")
    service = Service(Settings(), root=tmp_path)
    service.start()
    assert service.wait_ready(60).state == "ready"
    yield service
    service.close()


def asked(folder: Path, forced: str, marked: str = GROUP) -> Request:
    """For the answer that begins so, as where the suggest widget has a text selected."""
    before, after = marked.split("<|>")
    document = Document(uri=(folder / "a.py").as_uri(), version=1, text=before + after)
    return Request(
        document=document,
        offset=len(before),
        deadline=Deadline.after(10),
        invoked=True,
        forced=forced,
    )


def ask(service: Service, folder: Path, forced: str) -> Outcome:
    return service.submit(asked(folder, forced)).result(30)


def settled(service: Service, folder: Path, forced: str) -> Suggestion:
    """The answer once what could be imported is known."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        outcome = ask(service, folder, forced)
        if isinstance(outcome, Suggestion) and outcome.imports:
            return outcome
        time.sleep(0.05)
    raise AssertionError(f"no answer needed an import; the last is {outcome}")


def test_an_answer_says_what_it_needs(service: Service, tmp_path: Path) -> None:
    answer = settled(service, tmp_path, "defaultdict(list)")
    assert answer.text.startswith("defaultdict(list)")
    assert [each.statement for each in answer.imports] == ["from collections import defaultdict"]


def test_what_the_workspace_defines_is_found_without_being_asked_for(
    service: Service, tmp_path: Path
) -> None:
    answer = settled(service, tmp_path, "Warehouse()")
    assert [each.statement for each in answer.imports] == ["from models import Warehouse"]


def test_switched_off_nothing_is_offered_that_is_not_there(
    service: Service, tmp_path: Path
) -> None:
    settled(service, tmp_path, "defaultdict(list)")
    service.configure(Settings.model_validate({"completion": {"auto_import": False}}))
    assert not isinstance(ask(service, tmp_path, "defaultdict(list)"), Suggestion)


def test_explain_stands_on_the_same_knowledge(service: Service, tmp_path: Path) -> None:
    settled(service, tmp_path, "defaultdict(list)")
    text = GROUP.replace("<|>", "")
    document = Document(uri=(tmp_path / "a.py").as_uri(), version=2, text=text)
    offset = text.index("return ") + len("return ")
    about = service.explain(document, offset, "defaultdict(list)").result(30).about
    assert about is not None and about.fits
    assert about.imports == ("from collections import defaultdict",)
    about = service.explain(document, offset, "defaultdct(list)").result(30).about
    assert about is not None and not about.fits


def test_what_an_answer_needs_that_came_before_the_analysis_is_found_behind_it(
    service: Service, tmp_path: Path
) -> None:
    settled(service, tmp_path, "defaultdict(list)")
    request = asked(tmp_path, "defaultdict(list)", GROUP.replace("rows", "entries"))
    busy = threading.Event()
    service._analysis._thread.submit(busy.wait)
    try:
        answer = service.submit(request).result(30)
    finally:
        busy.set()
    assert isinstance(answer, Suggestion)
    assert answer.imports is None
    found = service.imports(request.document, answer.offset, answer.text).result(30)
    assert [each.statement for each in found] == ["from collections import defaultdict"]


def test_a_text_of_another_language_needs_no_import(service: Service) -> None:
    document = Document(uri="file:///a.json", version=1, text="[]", language="json")
    assert service.imports(document, 1, "defaultdict").result(30) == ()
