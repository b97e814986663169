"""What doctor is told: the build, its devices, its speed, and a processor that is too old."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tenon.engine.engine import EngineError
from tenon.engine.library import check_processor
from tenon.engine.llama import LlamaEngine
from tenon.engine.loading import default_threads, physical_cores
from tenon.engine.probe import Kind, build_info, devices, probe


def test_a_probe_measures_both_speeds(engine: LlamaEngine) -> None:
    speed = probe(engine)
    assert speed.prefill_tokens_per_s > speed.decode_tokens_per_s > 1


def test_the_processor_is_among_the_devices() -> None:
    found = devices()
    assert any(device.kind is Kind.CPU and device.name for device in found)


def test_the_build_says_its_version_and_features() -> None:
    build = build_info()
    assert build.version.count(".") == 2
    assert build.features


def test_this_processor_will_do() -> None:
    check_processor()


@pytest.mark.skipif("AVX2" not in build_info().features, reason="another kind of build")
def test_a_processor_without_what_the_build_uses_is_told_how_to_rebuild(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags : fpu sse sse2 ssse3 sse4_2 avx\n")
    with pytest.raises(EngineError, match=r"lacks AVX2.*-DGGML_AVX2=OFF") as raised:
        check_processor(cpuinfo)
    assert "AVX," not in str(raised.value)


def test_where_the_processor_does_not_say_what_it_has_nothing_is_refused(tmp_path: Path) -> None:
    check_processor(tmp_path / "none")
    (tmp_path / "cpuinfo").write_text("Features : fp asimd\n")
    check_processor(tmp_path / "cpuinfo")


def test_threads_leave_a_core_to_the_others() -> None:
    assert 1 <= default_threads() <= physical_cores()
    assert default_threads() == max(1, physical_cores() - 1)


def test_llama_cpp_writes_to_the_log_and_not_to_the_terminal(
    small: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG, logger="tenon.llama"):
        LlamaEngine.open(small).close()
    assert any("loaded meta data" in record.getMessage() for record in caplog.records)
    assert capfd.readouterr() == ("", "")
