"""The samples are fit to be shown, and showing them survives any terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from rich.console import Console

from tenon.commands.tryout import CURSOR, SAMPLES, Sample, fault_of, samples, show
from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.service.request import Nothing, Refusal, Stop, Suggestion, Superseded

WRITTEN = {
    "1-member": "count * order.price",
    "2-module": "splitext(path)[1]",
    "3-arguments": "values",
    "4-try": "except OSError:\n        return {}",
    "5-name": "number % 2 == 0",
    "6-f-string": "number} {self.title",
    "7-block": "continue",
}
"""What a person would write in each sample."""


def shown(width: int, *, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color)
    sample = next(iter(samples()))
    evidence = Evidence(
        domain=Domain.MEMBERS, verdict=Verdict.DEAD, reason="Order has no member 'nme'"
    )
    refused = tuple(Refusal(at=0, text=f"nme{index}", evidence=evidence) for index in range(9))
    wrong = Suggestion(text="nme)", offset=sample.offset, stop=Stop.MODEL)
    right = Suggestion(text="price", offset=sample.offset, stop=Stop.LINE, refused=refused)
    show(console, 1, sample, [wrong, right], ["does not parse: unmatched ')'", ""])
    return file.getvalue()


@pytest.mark.parametrize(
    "sample", list(samples()), ids=lambda sample: Path(sample.document.uri).stem
)
def test_every_sample_is_code_with_one_hole_that_a_person_can_fill(sample: Sample) -> None:
    text, offset = sample.document.text, sample.offset
    filling = WRITTEN[Path(sample.document.uri).stem]
    assert fault_of(text[:offset] + filling + text[offset:]) == ""
    assert sample.title and CURSOR not in text


def test_samples_come_in_the_order_of_their_numbers() -> None:
    assert [Path(sample.document.uri).stem for sample in samples()] == list(WRITTEN)
    assert {path.stem for path in SAMPLES.iterdir()} == set(WRITTEN)


def test_a_sample_without_its_one_cursor_is_not_taken(tmp_path: Path) -> None:
    for text in ("Title\nx = 1\n", f"Title\nx = {CURSOR} + {CURSOR}\n"):
        (tmp_path / "bad.txt").write_text(text)
        with pytest.raises(ValueError, match="bad.txt needs one"):
            list(samples(tmp_path))


def test_both_answers_stand_side_by_side_with_their_verdicts_and_refusals() -> None:
    text = shown(100)
    answers = next(line for line in text.splitlines() if "order.price" in line)
    assert "order.nme)" in answers
    assert "✘ does not parse: unmatched ')'" in text and "✔ fits" in text
    assert "refused nme0  members: Order has no member 'nme'" in text
    assert "… and 5 more" in text


@pytest.mark.parametrize("width", [1, 2, 10, 40, 75, 76, 300])
@pytest.mark.parametrize("color", [False, True])
def test_any_width_of_terminal_will_do(width: int, color: bool) -> None:
    text = shown(width, color=color)
    assert ("\x1b[" in text) is color
    plain = re.sub(r"\x1b\[[\d;]*m|\s", "", text)
    assert "order.price" in plain and "notparse" in plain.replace("-", "")


def test_no_answer_is_shown_with_its_reason() -> None:
    file = io.StringIO()
    sample = next(iter(samples()))
    console = Console(file=file, width=120)
    show(console, 1, sample, [Nothing(reason="time was up"), Superseded()], ["", ""])
    assert "nothing: time was up" in file.getvalue()
    assert "nothing: superseded" in file.getvalue()


def test_what_compiles_has_no_fault_and_what_does_not_has_the_compiler_s_word() -> None:
    assert fault_of("x = 1\n") == ""
    assert fault_of("x = (\n") == "'(' was never closed"
    assert fault_of("x = '\0'\n")


@pytest.mark.slow
def test_the_constrained_answers_fit(tenon: Callable[..., CompletedProcess[str]]) -> None:
    ended = tenon("try", COLUMNS="70")
    assert (ended.returncode, ended.stderr) == (0, "")
    holes = ended.stdout.split("\nconstrained")[1:]
    assert len(holes) == len(WRITTEN)
    for hole in holes:
        answer = re.split(r"\n\n(?:\d\. |Next: )", hole)[0]
        assert "✘" not in answer and ("✔ fits" in answer or "nothing: " in answer)
    assert "Next: " in holes[-1] and "doctor" in holes[-1]
