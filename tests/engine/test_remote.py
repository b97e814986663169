"""Inference servers over HTTP: what is asked of each kind, and what becomes of a bad answer."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from inference_server import (
    Asked,
    Server,
    llama_stream,
    running,
    sglang_stream,
    vllm_stream,
)

from tenon.engine.remote.server import RemoteServer, Unanswered
from tenon.engine.remote.shapes import MARKERS, Shape, Task, shape_of
from tenon.text import Cancelled, CancelToken

TASK = Task(prefix="x = [", suffix="]\n", grammar='start: "1"', max_tokens=7, stop=("\n",))


@pytest.fixture
def http() -> Iterator[Server]:
    with running() as server:
        yield server


def shape(kind: str, *, model: str | None = None) -> Shape:
    return shape_of(kind, markers="qwen", model=model)


def remote(http: Server, kind: str = "llama-server", **more) -> RemoteServer:
    return RemoteServer(http.url, shape(kind), **more)


def written(server: RemoteServer, task: Task = TASK, *, first=5.0, total=10.0, cancel=None) -> str:
    try:
        pieces = server.write(task, cancel or CancelToken(), first=first, total=total)
        return "".join(pieces)
    finally:
        server.close()


# -- what is asked -----------------------------------------------------------------------------


def test_llama_server_is_asked_to_infill_with_a_gbnf_grammar(http: Server) -> None:
    http.say = llama_stream("1", ", 2")
    assert written(remote(http)) == "1, 2"
    [asked] = http.asked
    assert asked.path == "/infill"
    assert asked.body == {
        "input_prefix": "x = [",
        "input_suffix": "]\n",
        "prompt": "",
        "grammar": 'start: "1"',
        "n_predict": 7,
        "temperature": 0.0,
        "cache_prompt": True,
        "stream": True,
        "stop": ["\n"],
    }


def test_vllm_is_asked_for_a_completion_with_a_structured_output(http: Server) -> None:
    http.say = vllm_stream("1", ", 2")
    server = RemoteServer(http.url + "/", shape("vllm", model="coder"), key="secret")
    assert written(server) == "1, 2"
    [asked] = http.asked
    assert asked.path == "/v1/completions"
    assert asked.headers["Authorization"] == "Bearer secret"
    assert asked.body == {
        "model": "coder",
        "prompt": "<|fim_prefix|>x = [<|fim_suffix|>]\n<|fim_middle|>",
        "max_tokens": 7,
        "temperature": 0.0,
        "stream": True,
        "stop": ["\n"],
        "structured_outputs": {"grammar": 'start: "1"'},
    }


def test_sglang_is_asked_for_llguidance_behind_its_ebnf(http: Server) -> None:
    http.say = sglang_stream("1", ", 2")
    assert written(remote(http, "sglang")) == "1, 2"
    [asked] = http.asked
    assert asked.path == "/generate"
    assert asked.body == {
        "text": "<|fim_prefix|>x = [<|fim_suffix|>]\n<|fim_middle|>",
        "sampling_params": {
            "max_new_tokens": 7,
            "temperature": 0.0,
            "stop": ["\n"],
            "ebnf": '%llguidance {}\nstart: "1"',
        },
        "stream": True,
    }


@pytest.mark.parametrize("kind", ["llama-server", "vllm", "sglang"])
def test_without_a_grammar_no_field_speaks_of_one(kind: str) -> None:
    body = json.dumps(shape(kind).body(Task(prefix="a", suffix="b", grammar=None, max_tokens=1)))
    assert not any(word in body for word in ("grammar", "ebnf", "structured_outputs", "model"))


@pytest.mark.parametrize("family", MARKERS)
def test_each_family_of_models_has_its_own_markers(family: str) -> None:
    task = Task(prefix="BEFORE", suffix="AFTER", grammar=None, max_tokens=1)
    prompt = shape_of("vllm", markers=family, model=None).body(task)["prompt"]
    before, between, behind = MARKERS[family]
    assert prompt == f"{before}BEFORE{between}AFTER{behind}"


def test_the_connection_is_kept_for_the_next_request(http: Server) -> None:
    http.say = llama_stream("1")
    server = remote(http)
    for _ in range(3):
        assert "".join(server.write(TASK, CancelToken(), first=5, total=5)) == "1"
    server.close()
    assert len(http.asked) == 3


def test_a_connection_that_went_stale_costs_no_answer() -> None:
    with running() as first:
        port = int(first.url.rpartition(":")[2])
        first.say = llama_stream("1")
        server = remote(first)
        assert "".join(server.write(TASK, CancelToken(), first=5, total=5)) == "1"
    # The server is gone, and another one stands where it stood.
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    answered = threading.Thread(target=_answer_by_hand, args=(listener,), daemon=True)
    answered.start()
    assert written(server) == "again"
    listener.close()


def _answer_by_hand(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.recv(65536)
    body = b'data: {"content": "again", "stop": true}\n'
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    connection.sendall(head + body)
    connection.close()


# -- what goes wrong ---------------------------------------------------------------------------


def fails(server: RemoteServer, reason: str, **more) -> None:
    with pytest.raises(Unanswered, match=reason):
        written(server, **more)
    assert server.trouble


def test_nobody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fails(RemoteServer(f"http://127.0.0.1:{port}", shape("vllm")), "no server answers there")


def test_an_address_that_is_none() -> None:
    fails(RemoteServer("http://a:b", shape("vllm")), "no address")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, "", "status 500$"),
        (500, '{"error": {"code": 500, "message": "out of slots"}}', "status 500: out of slots"),
        (503, '{"error": {"message": "Loading model"}}', "503: Loading model"),
        (400, '{"object": "error", "message": "no such field"}', "400"),
        (401, "[not json", "status 401$"),
        (302, "", "status 302$"),
    ],
)
def test_a_status_that_is_none_of_success(http, status: int, body: str, reason: str) -> None:
    http.status, http.refusal = status, body
    fails(remote(http), reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("data: {garbage", "no JSON"),
        ("data: [1, 2]", "no object"),
        ('data: {"content": 3}', "the text is 3"),
        ('data: {"error": {"message": "slot is gone"}}', "slot is gone"),
        ('error: {"message": "x", "error": "context is full"}', "context is full"),
    ],
)
def test_a_stream_that_makes_no_sense(http: Server, line: str, reason: str) -> None:
    http.say = lambda asked: iter([line])
    fails(remote(http), reason)


def test_a_vllm_stream_without_choices(http: Server) -> None:
    http.say = lambda asked: iter(['data: {"id": "x"}'])
    fails(remote(http, "vllm"), "no choices")


def test_an_endless_line_is_not_listened_to(http: Server) -> None:
    http.say = lambda asked: iter(["x" * (1 << 19)] * 12)
    fails(remote(http), "no end")


def test_lines_that_say_nothing_are_passed_over(http: Server) -> None:
    lines = [": ping", "event: x", "", 'data: {"content": "1", "stop": true}']
    http.say = lambda asked: iter(lines)
    assert written(remote(http)) == "1"


def test_a_server_that_says_no_word_is_not_waited_for(http: Server) -> None:
    def silent(asked: Asked) -> Iterator[str]:
        time.sleep(1)
        yield ""

    http.say = silent
    started = time.monotonic()
    fails(remote(http), "no word within 0.1 s", first=0.1)
    assert time.monotonic() - started < 0.8


def test_a_slow_drip_is_taken_as_far_as_there_is_time(http: Server) -> None:
    http.say = llama_stream(*"abcdefghij" * 20, pause=0.02)
    started = time.monotonic()
    text = written(remote(http), total=0.3)
    assert time.monotonic() - started < 1.0
    assert 1 <= len(text) < 50


def test_leaving_early_hangs_up(http: Server) -> None:
    http.say = llama_stream(*"abcdefghij" * 50, pause=0.02)
    server = remote(http)
    for _ in server.write(TASK, CancelToken(), first=5, total=30):
        break
    assert http.hung_up.wait(5)
    server.close()


def test_a_request_taken_back_is_over_at_once(http: Server) -> None:
    http.say = llama_stream(*"abcdefghij" * 50, pause=0.05)
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    server = remote(http)
    with pytest.raises(Cancelled):
        written(server, cancel=cancel, total=30)
    assert server.trouble == ""
    assert http.hung_up.wait(5)


def test_a_request_taken_back_before_the_first_word_is_over_at_once(http: Server) -> None:
    http.say = llama_stream("a", pause=0)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        written(remote(http), cancel=cancel)


def test_a_server_that_takes_no_grammar_is_asked_without(http: Server) -> None:
    http.say = llama_stream("1")
    http.refuses = lambda asked: "grammar" in asked.body
    http.refusal = '{"error": {"message": "Failed to parse grammar"}}'
    assert written(remote(http)) == "1"
    assert ["grammar" in asked.body for asked in http.asked] == [True, False]


# -- health ------------------------------------------------------------------------------------


def test_a_server_that_failed_rests_twice_as_long_each_time_and_is_well_again(http) -> None:
    now = 100.0
    server = RemoteServer(http.url, shape("llama-server"), clock=lambda: now)
    http.status = 500
    for pause in (1.0, 2.0, 4.0):
        with pytest.raises(Unanswered):
            list(server.write(TASK, CancelToken(), first=5, total=5))
        assert server.resting
        now += pause - 0.01
        assert server.resting
        now += 0.02
        assert not server.resting
    http.status, http.say = 200, llama_stream("1")
    assert list(server.write(TASK, CancelToken(), first=5, total=5)) == ["1"]
    assert server.trouble == ""
    assert not server.resting
    server.close()


def test_nothing_is_connected_before_something_is_asked(http: Server) -> None:
    server = remote(http)
    time.sleep(0.05)
    server.close()
    assert http.asked == []


def test_a_server_with_a_small_context_is_sent_less_from_then_on(http: Server) -> None:
    http.say = llama_stream("1")
    http.refuses = lambda asked: len(asked.body["input_prefix"]) > 3000
    http.refusal = '{"error": {"message": "request exceeds the available context size"}}'
    task = Task(prefix="x = 1\n" * 4000, suffix="y\n" * 4000, grammar=None, max_tokens=1)
    server = remote(http)
    for _ in range(2):
        assert list(server.write(task, CancelToken(), first=5, total=5)) == ["1"]
    server.close()
    assert len(http.asked) == 4
    for asked in http.asked:
        prefix, suffix = asked.body["input_prefix"], asked.body["input_suffix"]
        assert prefix.startswith("x = 1\n") and prefix.endswith("x = 1\n")
        assert 0 < len(suffix) <= len(prefix)
