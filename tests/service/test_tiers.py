"""Who answers: the model in this process or the inference server, and what happens without one."""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from inference_server import Server, llama_stream, running, sglang_stream, vllm_stream

from tenon.engine.models import bundled
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.service import Service
from tenon.service.settings import RemoteSettings, Settings
from tenon.text import CancelToken, Deadline, Document

MARKED = "def total(items):\n    count = len(items)\n    return <|>\n"


@pytest.fixture
def http() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service(Settings())
    service.start()
    assert service.wait_ready(60).state == "ready"
    yield service
    service.close()


def use(service: Service, url: str | None, **more) -> None:
    more = {"tier": "remote", **more}
    service.configure(Settings(remote=RemoteSettings(url=url, **more)))


def ask(
    service: Service, marked: str = MARKED, *, seconds: float = 10, on_chunk=None, **more
) -> Outcome:
    before, cursor, after = marked.partition("<|>")
    assert cursor and "<|>" not in after
    document = Document(uri="file:///case.py", version=1, text=before + after)
    deadline = Deadline.after(seconds)
    request = Request(document=document, offset=len(before), deadline=deadline, **more)
    return service.submit(request, on_chunk).result(30)


def remote_results(service: Service) -> dict[str, float]:
    return {
        figure["labels"]["result"]: figure["value"]
        for figure in service.stats()
        if figure["name"] == "tenon_remote_requests_total"
    }


def test_the_servers_text_is_offered_once_it_is_found_to_fit(service, http) -> None:
    http.say = llama_stream(" count", " / 2")
    use(service, http.url)
    outcome = ask(service)
    assert isinstance(outcome, Suggestion)
    assert (outcome.text, outcome.tier) == ("count / 2", "remote")
    assert outcome.confirmed
    [asked] = http.asked
    assert asked.body["input_prefix"].endswith("return")
    assert '"items"' in asked.body["grammar"] or '"i"' in asked.body["grammar"]


@pytest.mark.parametrize(
    ("kind", "stream"), [("vllm", vllm_stream), ("sglang", sglang_stream)]
)
def test_servers_of_every_kind_can_answer(service, http, kind: str, stream) -> None:
    http.say = stream(" cou", "nt")
    use(service, http.url, kind=kind)
    outcome = ask(service)
    assert (outcome.text, outcome.tier) == ("count", "remote")


def test_what_does_not_fit_is_cut_back_to_what_does(service, http) -> None:
    http.say = llama_stream(" count + nope_at_all * 3")
    use(service, http.url)
    outcome = ask(service)
    assert (outcome.text, outcome.tier) == ("count", "remote")
    assert "no name 'nop" in outcome.refused[0].evidence.reason


def test_where_nothing_fits_the_local_model_answers(service, http) -> None:
    http.say = llama_stream(" )))")
    use(service, http.url)
    outcome = ask(service)
    assert not isinstance(outcome, Suggestion) or outcome.tier == "local"
    assert len(http.asked) == 1


def test_a_text_that_leaves_out_the_word_at_the_cursor_does_not_fit(service, http) -> None:
    http.say = llama_stream("nt")
    use(service, http.url)
    outcome = ask(service, MARKED.replace("<|>", "cou<|>"))
    assert not isinstance(outcome, Suggestion) or outcome.tier == "local"


def test_the_word_at_the_cursor_is_not_offered_twice(service, http) -> None:
    http.say = llama_stream("cou", "nt + 1")
    use(service, http.url)
    outcome = ask(service, MARKED.replace("<|>", "cou<|>"))
    assert (outcome.text, outcome.tier) == ("nt + 1", "remote")


def test_selected_text_is_what_the_answer_begins_with(service, http) -> None:
    http.say = llama_stream(" count", " + 1")
    use(service, http.url)
    outcome = ask(service, forced="co")
    assert (outcome.text, outcome.tier) == ("count + 1", "remote")
    http.say = llama_stream(" items")
    outcome = ask(service, forced="co")
    assert not isinstance(outcome, Suggestion) or outcome.tier == "local"


def test_where_there_is_no_small_grammar_selected_text_is_sent_along(service, http) -> None:
    http.say = llama_stream("nt'")
    use(service, http.url)
    outcome = ask(service, "name = 'co<|>\n", forced="u")
    assert http.asked[0].body["input_prefix"].endswith("'cou")
    assert "grammar" not in http.asked[0].body
    assert (outcome.text, outcome.tier) == ("unt'", "remote")


def test_the_stream_is_left_once_the_line_is_whole(service, http) -> None:
    http.say = llama_stream(" count", "\n", *["\nprint(1)"] * 200, pause=0.02)
    use(service, http.url)
    started = time.monotonic()
    assert ask(service).text == "count"
    assert time.monotonic() - started < 3
    assert http.hung_up.wait(5)


def test_growing_answers_are_shown_as_they_stand(service, http) -> None:
    http.say = llama_stream(" count", " + ", "1", pause=0.02)
    use(service, http.url)
    chunks: list[Chunk] = []
    ask(service, on_chunk=chunks.append)
    assert [chunk.text for chunk in chunks] == ["count", "count + 1"]


def test_what_has_come_by_the_deadline_is_offered(service, http) -> None:
    http.say = llama_stream(" count", " +", *" 1" * 200, pause=0.1)
    use(service, http.url)
    outcome = ask(service, seconds=0.6)
    assert (outcome.text, outcome.tier) in [("count", "remote"), ("count + 1", "remote")]


def test_a_dead_server_costs_no_answer_and_is_told_of(service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    use(service, f"http://127.0.0.1:{port}")
    outcome = ask(service)
    assert isinstance(outcome, Suggestion | Nothing)
    assert isinstance(outcome, Nothing) or outcome.tier == "local"
    assert "no server answers there" in service.status.message
    assert service.status.state == "ready"
    use(service, None)
    ask(service)
    assert "no server" not in service.status.message


def test_a_server_that_failed_is_left_alone_for_a_while(service, http) -> None:
    http.status = 500
    use(service, http.url)
    before = remote_results(service)
    for _ in range(3):
        ask(service)
    assert len(http.asked) == 1
    after = remote_results(service)
    assert after["resting"] - before.get("resting", 0) == 2


def test_a_silent_server_leaves_time_for_the_local_model(service, http) -> None:
    held = threading.Event()

    def silent(asked) -> Iterator[str]:
        held.wait(5)
        yield ""

    http.say = silent
    use(service, http.url)
    started = time.monotonic()
    outcome = ask(service, seconds=2)
    held.set()
    assert isinstance(outcome, Nothing) or outcome.tier == "local"
    assert time.monotonic() - started < 2.5


def test_auto_asks_the_server_only_for_what_a_key_asked_for(service, http) -> None:
    http.say = llama_stream(" count")
    use(service, http.url, tier="auto")
    typed, invoked = ask(service), ask(service, invoked=True)
    assert isinstance(typed, Nothing) or typed.tier == "local"
    assert invoked.tier == "remote"
    assert len(http.asked) == 1


def test_local_asks_nobody_even_where_a_server_is_named(service, http) -> None:
    use(service, http.url, tier="local")
    ask(service, invoked=True)
    assert http.asked == []


def test_the_key_is_taken_from_the_environment(service, http, monkeypatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "secret")
    http.say = llama_stream(" count")
    use(service, http.url, key_variable="TEAM_KEY")
    ask(service)
    assert http.asked[0].headers["Authorization"] == "Bearer secret"


def test_a_newer_request_hangs_up_on_the_older(service, http) -> None:
    http.say = llama_stream(" count", *[" + 1"] * 200, pause=0.05)
    use(service, http.url)
    cancel = CancelToken()
    timer = threading.Timer(0.3, lambda: cancel.cancel(superseded=True))
    timer.start()
    started = time.monotonic()
    assert isinstance(ask(service, cancel=cancel), Superseded)
    assert time.monotonic() - started < 3
    assert http.hung_up.wait(5)


# -- a real one --------------------------------------------------------------------------------

BINARY = os.environ.get("TENON_LLAMA_SERVER") or shutil.which("llama-server")


@pytest.fixture(scope="module")
def llama_server(tmp_path_factory) -> Iterator[str]:
    if not BINARY or not Path(BINARY).is_file():
        pytest.skip("no llama-server on PATH or in TENON_LLAMA_SERVER")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [BINARY, "-m", str(bundled()), "--host", "127.0.0.1", "--port", str(port)]
    log = (tmp_path_factory.mktemp("llama-server") / "log").open("w")
    process = subprocess.Popen(
        [*command, "-c", "2048", "-np", "1", "-t", "1"], stdout=log, stderr=subprocess.STDOUT
    )
    url = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        for _ in range(300):
            assert process.poll() is None, "llama-server ended"
            try:
                with opener.open(f"{url}/health") as answer:
                    if json.load(answer)["status"] == "ok":
                        break
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()


REAL = [
    "import os\n\ndef read(path):\n    with open(path) as handle:\n        return <|>\n",
    "def total(items):\n    result = 0\n    for item in items:\n        result += <|>\n    return result\n",
    "class A:\n    def __init__(self, name):\n        self.name = <|>\n",
    "def f(a, b):\n    print(<|>)\n",
    "def f(a, b):\n    <|>\n\n\nf(1, 2)\n",
    "import os\nfor name in os.li<|>:\n    pass\n",
    "def f(text):\n    if te<|>\n        return 1\n    return 2\n",
]


@pytest.mark.slow
@pytest.mark.parametrize("marked", REAL)
def test_a_real_llama_server_writes_what_fits(service, llama_server, marked: str) -> None:
    use(service, llama_server, timeout_ms=20_000)
    outcome = ask(service, marked, seconds=25)
    assert isinstance(outcome, Suggestion)
    ast.parse(marked.replace("<|>", outcome.text))
    assert "http" not in service.status.message, service.status


@pytest.mark.slow
def test_a_real_llama_server_takes_the_grammar(service, llama_server) -> None:
    use(service, llama_server, timeout_ms=20_000)
    outcomes = [ask(service, marked, seconds=25) for marked in REAL]
    assert sum(getattr(outcome, "tier", "") == "remote" for outcome in outcomes) >= 5
