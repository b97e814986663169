"""What a service counts, and the file that tells other processes of it."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from pathlib import Path

import pytest

from tenon.constraints.constraint import (
    AllOf,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
)
from tenon.decoding.answer import Refusal, Stop
from tenon.service import publishing
from tenon.service.metrics import Metrics
from tenon.service.publishing import Publisher, published
from tenon.service.request import Nothing, Outcome, Request, Suggestion, Superseded, Timings
from tenon.service.service import Service
from tenon.service.settings import MetricsSettings, Settings
from tenon.text import Deadline, Document


def request(*, invoked: bool = False, text: str = "print(") -> Request:
    document = Document(uri="file:///a.py", version=1, text=text)
    return Request(
        document=document, offset=len(text), deadline=Deadline.after(10), invoked=invoked
    )


def suggestion(**more: object) -> Suggestion:
    timings = Timings(decode=20.0, constraint=4.0, total=30.0, constraint_us=(100.0, 300.0))
    return Suggestion(text="x", offset=0, stop=Stop.LINE, tokens=3, timings=timings, **more)


def figure(metrics: Metrics, name: str, **labels: str) -> float:
    [value] = [
        sample["value"]
        for sample in metrics.samples()
        if sample["name"] == name and sample["labels"] == labels
    ]
    return value


class Slow:
    """A constraint that takes its time."""

    domain = Domain.NAMES
    extra = "its own"

    def judge(self, text: str) -> Judgement:
        time.sleep(0.01)
        return Judgement(verdict=Verdict.OPEN)

    def refusal(self, text: str) -> Evidence | None:
        time.sleep(0.01)
        return None

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        return Evidence(domain=self.domain, verdict=Verdict.OPEN, reason="slow")


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (suggestion(), "suggestion"),
        (Nothing(reason="none"), "nothing"),
        (Superseded(), "superseded"),
    ],
)
def test_each_outcome_is_counted_under_its_name(outcome: Outcome, word: str) -> None:
    metrics = Metrics()
    metrics.record(request(invoked=True), outcome)
    labels = {"outcome": word, "asked": "key", "tier": "local"}
    assert figure(metrics, "tenon_requests_total", **labels) == 1


def test_stages_tokens_and_refusals_of_an_answer_are_booked() -> None:
    metrics = Metrics()
    evidence = Evidence(domain=Domain.MEMBERS, verdict=Verdict.DEAD, reason="no such member")
    refused = (Refusal(at=0, text="x", evidence=evidence),)
    metrics.record(request(), suggestion(refused=refused, tier="remote"))
    assert figure(metrics, "tenon_stage_seconds_sum", stage="decode") == pytest.approx(0.02)
    assert figure(metrics, "tenon_constraint_token_seconds_sum") == pytest.approx(400e-6)
    assert figure(metrics, "tenon_tokens_total") == 3
    assert figure(metrics, "tenon_refusals_total", domain="members") == 1
    assert figure(metrics, "tenon_stops_total", stop=Stop.LINE.value) == 1


def test_the_time_of_a_constraint_goes_to_its_domain_and_the_rest_to_syntax() -> None:
    metrics = Metrics()
    watched = metrics.watched(AllOf((Slow(),)))
    assert watched.judge("x").verdict is Verdict.OPEN
    timings = Timings(decode=40.0, constraint=30.0, total=40.0)
    metrics.record(request(), Suggestion(text="x", offset=0, stop=Stop.LINE, timings=timings))
    names = figure(metrics, "tenon_domain_seconds_total", domain="names")
    assert 0.01 <= names < 0.03
    syntax = figure(metrics, "tenon_domain_seconds_total", domain="syntax")
    assert names + syntax == pytest.approx(0.03)


def test_the_time_of_a_superseded_request_is_not_booked_on_the_next() -> None:
    metrics = Metrics()
    metrics.watched(AllOf((Slow(),))).judge("x")
    metrics.record(request(), Superseded())
    metrics.record(request(), suggestion())
    assert figure(metrics, "tenon_domain_seconds_total", domain="names") == 0


def test_a_watched_constraint_still_has_all_that_it_had() -> None:
    [watched] = Metrics().watched(AllOf((Slow(),))).constraints
    assert watched.domain is Domain.NAMES
    assert watched.describe().reason == "slow"
    assert watched.extra == "its own"


def test_recording_costs_next_to_nothing() -> None:
    metrics, outcome, asked = Metrics(), suggestion(), request()
    started = time.process_time()
    for _ in range(200):
        metrics.record(asked, outcome)
    assert (time.process_time() - started) / 200 < 0.001


def test_two_services_do_not_share_their_figures() -> None:
    one, other = Metrics(), Metrics()
    one.record(request(), suggestion())
    assert figure(one, "tenon_tokens_total") == 3
    assert figure(other, "tenon_tokens_total") == 0


def test_the_figures_can_be_had_in_prometheus_format() -> None:
    metrics = Metrics()
    metrics.model("tiny")
    metrics.record(request(), suggestion())
    assert "\ntenon_tokens_total 3.0\n" in metrics.prometheus()
    assert 'model="tiny"' in metrics.prometheus()
    assert "_created" not in metrics.prometheus()


def test_memory_is_read_when_it_is_asked_for() -> None:
    assert figure(Metrics(), "tenon_memory_bytes", part="resident") > 10 * 2**20


# -- the file ----------------------------------------------------------------------------------


def test_a_file_is_written_over_and_gone_in_the_end(tmp_path: Path) -> None:
    texts = iter(("one\n", "two\n"))
    written = threading.Event()

    def text() -> str:
        found = next(texts, None)
        if found is None:
            written.set()
            return "two\n"
        return found

    publisher = Publisher(text, into=tmp_path / "new", interval=0.01)
    assert written.wait(5)
    assert list(published(tmp_path / "new")) == [(os.getpid(), "two\n")]
    publisher.close()
    assert list((tmp_path / "new").iterdir()) == []
    publisher.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_and_its_folder_are_the_users_alone(tmp_path: Path) -> None:
    publisher = Publisher(lambda: "x\n", into=tmp_path / "new" / "newer", interval=0.01)
    deadline = time.monotonic() + 5
    while not publisher.path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stat.S_IMODE(publisher.path.stat().st_mode) == 0o600
    for folder in (publisher.path.parent, tmp_path / "new"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    publisher.close()


def test_what_a_dead_server_left_behind_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "999999999.prom").write_text("old 1\n")
    (tmp_path / "strange.prom").write_text("old 1\n")
    assert list(published(tmp_path)) == []
    assert list(published(tmp_path / "nowhere")) == []


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    publisher = Publisher(lambda: "x\n", into=tmp_path / "file" / "new", interval=0.01)
    time.sleep(0.05)
    publisher.close()


def test_a_service_writes_the_file_only_while_the_settings_ask_for_it(tmp_path: Path) -> None:
    service = Service(Settings())
    service.start()
    assert service.wait_ready(60).state == "ready"
    try:
        assert list(published()) == []
        service.configure(Settings(metrics=MetricsSettings(file=True)))
        service.submit(request()).result(30)
        deadline = time.monotonic() + 10
        while not list(published()) and time.monotonic() < deadline:
            time.sleep(0.02)
        [(pid, text)] = published()
        assert pid == os.getpid()
        assert "tenon_requests_total" in text
        service.configure(Settings())
        service.submit(request()).result(30)
        assert list(published()) == []
    finally:
        service.close()
    assert publishing.folder().is_dir()
