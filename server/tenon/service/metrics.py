"""Metrics: what requests cost and what became of them, counted and timed, in memory.

Owns the names of the figures and the registry they live in, one a service: nothing global, no
HTTP server. Recording happens on the engine thread once an answer has gone out, so that no
answer waits for its own figures. Knows no file and no protocol.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import psutil
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tenon.constraints.constraint import (
    AllOf,
    Constraint,
    Domain,
    Evidence,
    Judgement,
    Sieve,
)
from tenon.service.request import Nothing, Outcome, Request, Suggestion, Timings

_STAGES = ("queue", "analysis", "prefill", "decode", "constraint", "total")
_STAGE_BOUNDS = (
    *(0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01),
    *(0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75),
    *(1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
)
_TOKEN_BOUNDS = (
    *(5e-6, 1e-5, 2e-5, 3e-5, 5e-5, 7.5e-5, 1e-4, 1.5e-4, 2e-4, 3e-4, 5e-4, 7.5e-4),
    *(0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05),
)


class Metrics:
    """The figures of one service. `record` and `watched` belong to the engine thread."""

    def __init__(self) -> None:
        disable_created_metrics()
        self._registry = registry = CollectorRegistry(auto_describe=True)
        self._requests = Counter(
            "tenon_requests",
            "Requests by what became of them, what asked and who answered",
            ("outcome", "asked", "tier"),
            registry=registry,
        )
        stages = Histogram(
            "tenon_stage_seconds",
            "Time of a request by stage, from its arrival; constraint is a part of decode",
            ("stage",),
            buckets=_STAGE_BOUNDS,
            registry=registry,
        )
        self._stages = {stage: stages.labels(stage) for stage in _STAGES}
        self._per_token = Histogram(
            "tenon_constraint_token_seconds",
            "Time in constraints, masks and parser for each token",
            buckets=_TOKEN_BOUNDS,
            registry=registry,
        )
        domains = Counter(
            "tenon_domain_seconds",
            "Time in constraints by domain; syntax has the grammar, its masks and the parser",
            ("domain",),
            registry=registry,
        )
        self._domains = {domain: domains.labels(domain.value) for domain in Domain}
        refusals = Counter(
            "tenon_refusals",
            "What the model wanted to say first and was not allowed to, by domain",
            ("domain",),
            registry=registry,
        )
        self._refusals = {domain: refusals.labels(domain.value) for domain in Domain}
        self._stops = Counter(
            "tenon_stops", "Answers by why decoding ended", ("stop",), registry=registry
        )
        self._tokens = Counter("tenon_tokens", "Tokens in answers", registry=registry)
        drafts = Counter(
            "tenon_drafts", "Tokens drafted ahead of the model", ("state",), registry=registry
        )
        self._drafts = {state: drafts.labels(state) for state in ("proposed", "accepted")}
        prompt = Counter(
            "tenon_prompt_tokens",
            "Tokens of prompt: found in the cache, or computed",
            ("source",),
            registry=registry,
        )
        self._prompt = {source: prompt.labels(source) for source in ("cache", "computed")}
        self._remote = Counter(
            "tenon_remote_requests",
            "Requests to the inference server by how they went",
            ("result",),
            registry=registry,
        )
        info = Gauge("tenon_server", "A running server", ("pid", "model"), registry=registry)
        self._info = info
        registry.register(_Memory())
        self._spent = {domain: [0.0] for domain in Domain}
        """Seconds since the last record; each domain's is shared with its constraints."""

    def model(self, name: str) -> None:
        """The model that answers from now on."""
        self._info.clear()
        self._info.labels(str(os.getpid()), name).set(1)

    def watched(self, constraints: AllOf) -> AllOf:
        """The same constraints, each one's time booked on its domain."""
        return AllOf(
            tuple(_Watched(each, self._spent[each.domain]) for each in constraints.constraints)
        )

    def remote(self, result: str) -> None:
        """A request to the inference server went so: a word for how."""
        self._remote.labels(result).inc()

    def record(self, request: Request, outcome: Outcome) -> None:
        """Book an outcome. Some tens of microseconds."""
        asked = "key" if request.invoked else "typing"
        match outcome:
            case Suggestion():
                self._requests.labels("suggestion", asked, outcome.tier).inc()
                self._stops.labels(outcome.stop.value).inc()
                self._tokens.inc(outcome.tokens)
                self._book(outcome.timings)
            case Nothing():
                self._requests.labels("nothing", asked, "local").inc()
                if outcome.timings.total:
                    self._book(outcome.timings)
            case _:
                self._requests.labels("superseded", asked, "local").inc()
                self._forget_spent()
                return
        for refusal in outcome.refused:
            self._refusals[refusal.evidence.domain].inc()

    def _book(self, timings: Timings) -> None:
        for stage, histogram in self._stages.items():
            histogram.observe(getattr(timings, stage) / 1e3)
        for microseconds in timings.constraint_us:
            self._per_token.observe(microseconds / 1e6)
        rest = timings.constraint / 1e3
        for domain, (seconds,) in self._spent.items():
            if seconds:
                self._domains[domain].inc(seconds)
                rest -= seconds
        self._domains[Domain.SYNTAX].inc(max(rest, 0.0))
        self._forget_spent()
        self._drafts["proposed"].inc(timings.drafted)
        self._drafts["accepted"].inc(timings.drafts_taken)
        self._prompt["cache"].inc(timings.prompt_reused)
        self._prompt["computed"].inc(timings.prompt_computed)

    def _forget_spent(self) -> None:
        for spent in self._spent.values():
            spent[0] = 0.0

    # -- reading, from any thread ----------------------------------------------------------

    def prometheus(self) -> str:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry).decode()

    def samples(self) -> Iterator[dict[str, Any]]:
        """All figures, one JSON value each."""
        for family in self._registry.collect():
            for sample in family.samples:
                yield {"name": sample.name, "labels": sample.labels, "value": sample.value}


class _Watched:
    """A constraint with a stopwatch; else the constraint itself."""

    __slots__ = ("_inner", "_spent", "domain")

    def __init__(self, inner: Constraint, spent: list[float]) -> None:
        """What it takes, in seconds, is added to the one element of `spent`."""
        self._inner = inner
        self._spent = spent
        self.domain = inner.domain

    def judge(self, text: str) -> Judgement:
        started = time.perf_counter()
        judgement = self._inner.judge(text)
        self._spent[0] += time.perf_counter() - started
        return judgement

    def refusal(self, text: str) -> Evidence | None:
        started = time.perf_counter()
        evidence = self._inner.refusal(text)
        self._spent[0] += time.perf_counter() - started
        return evidence

    def sieve(self, text: str) -> Sieve | None:
        """What it tells of each word takes a microsecond, and is not booked."""
        started = time.perf_counter()
        sieve = self._inner.sieve(text)
        self._spent[0] += time.perf_counter() - started
        return sieve

    def describe(self) -> Evidence:
        return self._inner.describe()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Memory(Collector):
    """Read when asked: the process as the operating system sees it."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        memory = psutil.Process().memory_info()
        family = GaugeMetricFamily(
            "tenon_memory_bytes",
            "Resident memory; mapped is the part that files such as the model are read into",
            labels=("part",),
        )
        family.add_metric(("resident",), memory.rss)
        family.add_metric(("mapped",), getattr(memory, "shared", 0))
        yield family
