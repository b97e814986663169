"""Relaxing: a domain gives way to a model that is all but certain, in the fixed order."""

from __future__ import annotations

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.decoding.relaxing import LEAST_LEFT, Relaxing


def held(domain: Domain) -> Evidence:
    return Evidence(domain=domain, verdict=Verdict.DEAD, reason=f"{domain} refuse", at=0)


def test_nothing_gives_way_while_enough_is_left() -> None:
    assert Relaxing().too_little(0.01, {each: held(each) for each in LEAST_LEFT}) is None


def test_domains_give_way_in_their_order() -> None:
    relaxing = Relaxing()
    order = []
    standing = {each: held(each) for each in Domain}
    while (evidence := relaxing.too_little(0.0, standing)) is not None:
        relaxing.give_way(evidence)
        order.append(evidence.domain)
        del standing[evidence.domain]
    assert order == [
        Domain.RULES,
        Domain.CONTROL_FLOW,
        Domain.IMPORTS,
        Domain.TYPES,
        Domain.CALLS,
        Domain.MEMBERS,
        Domain.NAMES,
    ]
    assert list(standing) == [Domain.SYNTAX], "syntax never gives way"
    assert relaxing.domains == frozenset(order)


def test_what_does_not_exist_is_let_pass_last() -> None:
    left = 1e-4
    assert Relaxing().too_little(left, {Domain.NAMES: held(Domain.NAMES)}) is None
    assert Relaxing().too_little(left, {Domain.TYPES: held(Domain.TYPES)}) is not None
