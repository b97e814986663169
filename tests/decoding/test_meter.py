"""The meter counts what a token costs."""

from __future__ import annotations

import time

from tenon.decoding.meter import Meter


def test_a_block_within_a_block_counts_once() -> None:
    meter = Meter()
    meter.begin_token()
    started = time.perf_counter()
    with meter, meter:
        time.sleep(0.01)
    took = time.perf_counter() - started
    meter.book_token()
    assert 0.01 <= meter.per_token_us[0] / 1e6 <= took


def test_what_was_waited_for_the_analysis_is_no_cost() -> None:
    waited = 0.0
    meter = Meter(lambda: waited)
    meter.begin_token()
    started = time.perf_counter()
    with meter:
        time.sleep(0.01)
        waited += 0.01
    took = time.perf_counter() - started
    meter.book_token()
    assert 0.0 <= meter.per_token_us[0] / 1e6 <= took - 0.01
