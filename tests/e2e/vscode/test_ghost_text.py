"""Tenon in a real VS Code: what a person types, sees, accepts and finds on disk."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from vscode import START_SECONDS, CodeServer, Window, wait

pytestmark = [pytest.mark.editor, pytest.mark.slow, pytest.mark.timeout(600)]

OpenWindow = Callable[..., Window]

CART = '''\
from dataclasses import dataclass, field


@dataclass
class Item:
    name: str
    price: float
    quantity: int


@dataclass
class Cart:
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)

    def total_price(self) -> float:
        total = 0.0
        for item in self.items:
            <|>
        return total
'''

IMPORTED = "from collections import defaultdict"
GROUP = """\
import json


def group(path):
    <|>
"""

STATISTICS = '''\
def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def largest(values: list[float]) -> float:
    return max(values)


def smallest(values: list[float]) -> float:
    <|>
'''


def test_typing_shows_ghost_text_which_tab_accepts(window: OpenWindow) -> None:
    cart = window(CART)
    cart.wait_status("ready")
    before = cart.file.read_text("utf-8")

    cart.type("total += item.")
    ghost = cart.wait_ghost()
    cart.screenshot("ghost-text")
    line = "            total += item." + ghost.split("\n")[0]
    assert line in cart.text.split("\n"), "the ghost text stands where the cursor is"

    cart.press("Tab")
    after = cart.save(before)
    cart.screenshot("accepted")
    assert line in after.split("\n"), "the file has what was shown"
    ast.parse(after)
    assert cart.status.startswith(("Tenon: ready", "Tenon: thinking"))
    assert cart.notifications == []


def test_accepting_a_name_that_is_not_imported_imports_it(window: OpenWindow) -> None:
    group = window(GROUP)
    group.wait_status("ready")
    before = group.file.read_text("utf-8")

    group.type("return defaultd")
    ghost = group.wait_ghost()
    assert ghost.startswith("ict"), "the model's taste has changed: another source is needed"
    group.press("Tab")
    wait(lambda: IMPORTED in group.text, timeout=30, what="the import")
    group.type("  # typed on")
    after = group.save(before)
    assert after.startswith(f"import json\n{IMPORTED}\n")
    assert f"    return defaultd{ghost}  # typed on" in after.split("\n"), "the cursor stays"
    ast.parse(after)
    assert group.notifications == []


def test_an_answer_that_time_did_not_allow_is_shown_once_it_is_there(window: OpenWindow) -> None:
    # So little that even the prompt is not read by then.
    cart = window(CART, settings={"tenon.completion.deadline_ms": 20})
    cart.wait_status("ready")
    cart.type("total += item.")
    ghost = cart.wait_ghost()
    assert "            total += item." + ghost.split("\n")[0] in cart.text.split("\n")
    assert cart.notifications == []


def test_explain_opens_a_preview_of_what_is_allowed(window: OpenWindow) -> None:
    cart = window(CART)
    cart.wait_status("ready")
    cart.type("total += item.")
    cart.press("Escape")
    cart.command("Tenon: Explain This Place")
    wait(lambda: "What fits at 21:27" in cart.preview, timeout=60, what="a preview")
    assert "Members of item: Item" in cart.preview
    cart.screenshot("explain")
    assert cart.notifications == []


def test_a_bracket_that_the_editor_closed_is_not_closed_again(window: OpenWindow) -> None:
    statistics = window(STATISTICS)
    statistics.wait_status("ready")
    before = statistics.file.read_text("utf-8")

    statistics.type("return min(")
    # The ghost text may stand between the brackets already.
    closed = [line for line in statistics.text.split("\n") if line.startswith("    return min(")]
    assert closed and closed[0].endswith(")"), "VS Code has closed the bracket"
    ghost = statistics.wait_ghost()
    statistics.screenshot("auto-closed-bracket")

    statistics.press("Tab")
    after = statistics.save(before)
    ast.parse(after)
    assert f"    return min({ghost})" in after.split("\n")


def test_a_key_asks_and_another_accepts_a_word(window: OpenWindow) -> None:
    statistics = window(STATISTICS)
    statistics.wait_status("ready")
    before = statistics.file.read_text("utf-8")

    statistics.press("Alt+Backslash")
    ghost = statistics.wait_ghost()
    statistics.press("Control+ArrowRight")
    after = statistics.save(before)
    start = before.rindex("    ") + 4
    taken = after[start:].rstrip("\n")
    assert taken and ghost.startswith(taken)
    rest = statistics.ghost
    assert rest is None or ghost.startswith(taken + rest)


def test_a_model_that_is_not_there_is_a_fault_until_the_setting_changes(window: OpenWindow) -> None:
    missing = "/no/such/place/model.gguf"
    cart = window(CART, settings={"tenon.model.path": missing})
    assert missing in cart.wait_status("fault")
    told = wait(lambda: cart.notifications, timeout=30, what="a word about it")
    assert len(told) == 1 and missing in told[0]
    cart.screenshot("fault")

    cart.write_settings({})
    cart.wait_status("ready", after_fault=True)


def test_a_command_that_is_not_there_says_what_to_do_and_another_takes_over(
    window: OpenWindow,
) -> None:
    cart = window(CART, settings={"tenon.command": ["tenon-is-not-here", "serve"]})
    status = cart.wait_status("fault")
    assert '"tenon-is-not-here" was not found' in status
    assert "Install Tenon" in status

    silent = [sys.executable, "-c", "import time; time.sleep(600)"]
    cart.write_settings({"tenon.command": silent})
    cart.wait_status("starting", after_fault=True)
    cart.write_settings({})
    cart.wait_status("ready")


def test_a_server_that_cannot_start_is_shown_with_its_last_words(window: OpenWindow) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no module named tenon')"]
    cart = window(CART, settings={"tenon.command": command})
    assert "ended with exit status 1: no module named tenon" in cart.wait_status("fault")


def test_a_workspace_without_trust_does_not_say_what_is_run(
    window: OpenWindow, distrustful_server: CodeServer, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(trace)!r}, 'w')"]
    cart = window(CART, server=distrustful_server, settings={"tenon.command": command})
    cart.wait_status("ready")
    assert "Restricted Mode" in cart.status_bar
    assert not trace.exists()


def test_a_server_that_dies_is_started_again_and_ends_with_its_window(
    window: OpenWindow, server: CodeServer
) -> None:
    cart = window(CART)
    cart.wait_status("ready")
    [first] = server.processes("tenon")
    first.kill()

    def replaced() -> bool:
        return any(process.pid != first.pid for process in server.processes("tenon"))

    wait(replaced, timeout=START_SECONDS, what="another server")
    cart.wait_status("ready")
    cart.type("total += item.")
    cart.wait_ghost()

    cart.close()
    wait(lambda: not server.processes("tenon"), timeout=60, what="the server to end")


def test_completions_can_be_turned_off_and_on(window: OpenWindow) -> None:
    cart = window(CART)
    cart.wait_status("ready")
    cart.command("Tenon: Turn Completions On or Off")
    cart.wait_status("off")
    cart.type("total += item.")
    cart.press("Backspace")
    cart.command("Tenon: Turn Completions On or Off")
    cart.wait_status("ready")
    assert cart.ghost is None
    cart.type(".")
    cart.wait_ghost()
