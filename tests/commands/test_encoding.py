"""Answers as JSON: every field, verdicts and stops as words."""

from __future__ import annotations

import json

from tenon.commands.encoding import outcome
from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.service.request import Nothing, Refusal, Stop, Suggestion, Superseded

EVIDENCE = Evidence(
    domain=Domain.CONTROL_FLOW, verdict=Verdict.DEAD, reason="no loop here", at=2, allowed=("pass",)
)


def test_a_suggestion_keeps_its_evidence() -> None:
    suggestion = Suggestion(
        text="break",
        offset=7,
        stop=Stop.LINE,
        evidence=(EVIDENCE,),
        refused=(Refusal(at=0, text="continue", evidence=EVIDENCE),),
    )
    value = json.loads(json.dumps(outcome(suggestion)))
    assert value["outcome"] == "suggestion"
    assert value["text"] == "break"
    assert value["stop"] == "the line was complete"
    assert value["evidence"] == [
        {
            "domain": "control flow",
            "verdict": "dead",
            "reason": "no loop here",
            "at": 2,
            "allowed": ["pass"],
        }
    ]
    assert value["refused"][0]["text"] == "continue"
    assert value["timings"]["total"] == 0.0


def test_nothing_says_why_and_what_was_superseded_says_so() -> None:
    assert outcome(Nothing(reason="time was up"))["reason"] == "time was up"
    assert outcome(Nothing(reason="time was up"))["outcome"] == "nothing"
    assert outcome(Superseded()) == {"outcome": "superseded"}
