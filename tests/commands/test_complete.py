"""`tenon complete` on real files with the real model: what is written, where, and the status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

PATIENT = ("--deadline-ms", "60000")
"""What is tested here is what is said, not how soon on a busy machine."""

CODE = """\
import os


def total(values):
    result = 0
    for value in values:
        result += <|>
    return result
"""


def place(folder: Path, code: str = CODE, name: str = "sample.py", encoding: str = "utf-8") -> str:
    """Writes `code` without its cursor; its place as FILE:LINE:COL."""
    before, cursor, after = code.partition("<|>")
    assert cursor
    path = folder / name
    path.write_bytes((before + after).encode(encoding))
    line = before.count("\n") + 1
    return f"{path}:{line}:{len(before.rpartition(chr(10))[2]) + 1}"


def fits(code: str, answer: str) -> bool:
    compile(code.replace("<|>", answer), "<sample>", "exec")
    return True


def test_only_the_text_is_written_and_it_fits(tenon: Run, tmp_path: Path) -> None:
    ended = tenon("complete", place(tmp_path), *PATIENT)
    assert (ended.returncode, ended.stderr) == (0, "")
    answer = ended.stdout.removesuffix("\n")
    assert answer.strip() and fits(CODE, answer)


def test_the_json_answer_carries_its_evidence_and_its_times(tenon: Run, tmp_path: Path) -> None:
    answer = json.loads(tenon("complete", place(tmp_path), "--json", *PATIENT).stdout)
    assert answer["outcome"] == "suggestion" and fits(CODE, answer["text"])
    assert answer["offset"] == CODE.index("<|>")
    assert answer["confirmed"] is True
    assert {evidence["domain"] for evidence in answer["evidence"]} >= {"syntax"}
    assert answer["tokens"] >= 1
    assert answer["timings"]["total"] > 0


def test_unconstrained_is_the_model_alone(tenon: Run, tmp_path: Path) -> None:
    # Behind a blank the model alone has nothing to say, for want of healing.
    code = CODE.replace("+= <|>", "+=<|>")
    ended = tenon("complete", place(tmp_path, code), "--unconstrained", "--json", *PATIENT)
    answer = json.loads(ended.stdout)
    assert answer["confirmed"] is False
    assert answer["evidence"] == [] and answer["refused"] == []


def test_a_single_line_stays_a_line(tenon: Run, tmp_path: Path) -> None:
    code = "def total(values):\n    <|>\n"
    ended = tenon("complete", place(tmp_path, code), "--lines", "single", *PATIENT)
    assert ended.returncode == 0
    assert "\n" not in ended.stdout.removesuffix("\n")


def test_nothing_to_offer_is_status_one_with_the_reason(tenon: Run, tmp_path: Path) -> None:
    where = place(tmp_path, "Dear <|>,\n", "letter.txt")
    ended = tenon("complete", where)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("tenon: nothing to offer: ")
    assert ended.stderr.count("\n") == 1
    ended = tenon("complete", where, "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["outcome"] == "nothing"


def test_a_model_that_cannot_be_used_is_named(tenon: Run, tmp_path: Path) -> None:
    ended = tenon("complete", place(tmp_path), "--model", str(tmp_path / "absent.gguf"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "absent.gguf" in ended.stderr and ended.stderr.count("\n") == 1


def test_bytes_that_do_not_decode_are_said_and_survived(tenon: Run, tmp_path: Path) -> None:
    ended = tenon("complete", place(tmp_path, "# caf\xe9\n" + CODE, encoding="latin-1"), *PATIENT)
    assert ended.returncode == 0
    assert "is not UTF-8 at byte 5" in ended.stderr


@pytest.mark.parametrize(
    "code",
    [
        "<|>",
        "x = (((<|>",
        "def f(:\n  <|>\n\tclass",
        "'''\n<|>",
        "x = 1\r\nif x:\r\n    <|>\r\n",
        "\N{MATHEMATICAL BOLD SMALL X} = 1\nprint(\N{MATHEMATICAL BOLD SMALL X}<|>)\n",
        "\0\x0c\N{ZERO WIDTH NO-BREAK SPACE}<|>\n",
    ],
)
def test_strange_files_end_in_an_answer_or_a_reason(tenon: Run, tmp_path: Path, code: str) -> None:
    ended = tenon("complete", place(tmp_path, code), *PATIENT)
    assert ended.returncode in (0, 1)
    assert "Traceback" not in ended.stderr and "internal fault" not in ended.stderr


def test_a_pipe_that_closes_early_is_no_crash(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "tenon", "complete", place(tmp_path), *PATIENT]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=120)
    os.close(writer)
    assert b"Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("columns", [2, 20, 120])
def test_a_terminal_shows_the_answer_in_its_line(tmp_path: Path, columns: int) -> None:
    import fcntl
    import struct
    import termios

    terminal, shown = os.openpty()
    fcntl.ioctl(shown, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-m", "tenon", "complete", place(tmp_path), *PATIENT]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdout=shown, stderr=shown, env=environment)
    os.close(shown)
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:
        pass  # the other end has closed
    finally:
        os.close(terminal)
    assert process.wait(120) == 0
    text = written.decode()
    assert "result" in text.replace("\r\n", "") and "\x1b[" in text
    assert "ms" in text and "Traceback" not in text


def test_what_the_answer_has_to_have_imported_is_told_apart_from_it(
    tenon: Run, tmp_path: Path
) -> None:
    code = "import json\n\n\ndef f(x):\n    return defaultd<|>\n"
    ended = tenon("complete", place(tmp_path, code), *PATIENT)
    assert ended.stdout.startswith("ict"), "the model's taste has changed: take another source"
    assert ended.stderr == "tenon: needs from collections import defaultdict\n"
    ended = tenon("complete", place(tmp_path, code), "--json", *PATIENT)
    (wanted,) = json.loads(ended.stdout)["imports"]
    assert (wanted["module"], wanted["name"]) == ("collections", "defaultdict")
