"""`tenon model`: the list, the choice, and that nothing is fetched without consent."""

from __future__ import annotations

import json
from pathlib import Path

from tenon_command import Run

from tenon.engine.models import bundled


def test_the_list_shows_what_is_in_use_and_what_each_needs(tenon: Run) -> None:
    done = tenon("model", "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows if row["in_use"]] == ["bundled"]
    assert all(row["memory"] > row["size"] and row["tokens_per_second"] > 0 for row in rows)
    # Bandwidth is what counts: the larger the weights, the slower.
    speeds = {row["name"]: row["tokens_per_second"] for row in rows}
    assert speeds["qwen2.5-coder-0.5b"] > 2 * speeds["qwen2.5-coder-1.5b"]
    assert tenon("model", "list").stdout.count("\n") > len(rows)


def test_a_file_is_used_until_the_bundled_model_is_chosen_again(
    tenon: Run, tmp_path: Path
) -> None:
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    copy = tmp_path / "own.gguf"
    copy.write_bytes(bundled().read_bytes())
    assert tenon("model", "use", str(copy), **home).returncode == 0
    rows = json.loads(tenon("model", "list", "--json", **home).stdout)
    assert [row["name"] for row in rows if row["in_use"]] == [str(copy)]
    doctor = json.loads(tenon("doctor", "--json", **home).stdout)
    assert any("own.gguf" in check["detail"] for check in doctor["checks"])
    assert tenon("model", "use", "bundled", **home).returncode == 0
    rows = json.loads(tenon("model", "list", "--json", **home).stdout)
    assert [row["name"] for row in rows if row["in_use"]] == ["bundled"]


def test_what_is_no_model_is_not_chosen(tenon: Run, tmp_path: Path) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("not a model")
    for name in (str(text), str(tmp_path / "absent.gguf"), "qwen2.5-coder-0.5b"):
        done = tenon("model", "use", name, XDG_CONFIG_HOME=str(tmp_path))
        assert done.returncode == 2
        assert done.stderr.startswith("tenon: ") and done.stderr.count("\n") == 1
    assert not (tmp_path / "tenon" / "model.json").exists()


def test_without_consent_nothing_is_fetched(tenon: Run) -> None:
    done = tenon("model", "pull", "qwen2.5-coder-0.5b", "--endpoint", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "--yes" in done.stderr


def test_a_hub_that_cannot_be_reached_is_one_line(tenon: Run) -> None:
    done = tenon("model", "pull", "qwen2.5-coder-0.5b", "--yes", "--endpoint", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("tenon: ggml-org/")


def test_an_unknown_name_is_bad_use(tenon: Run) -> None:
    done = tenon("model", "pull", "gpt-12")
    assert done.returncode == 2
    assert "tenon model list" in done.stderr
