"""The plugin in a real Neovim with the real server: what a user types, sees and gets."""

from __future__ import annotations

import ast
import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from nvim_session import COMMAND, PLUGIN, Session, setup, until
from pydantic import BaseModel
from tenon.service.settings import Settings

pytestmark = pytest.mark.editor

MEMBER = """\
import json


def load(path):
    with open(path) as stream:
        return json<|>


print(load("settings.json"))
"""

UNIMPORTED = """\
import json


def group(path):
    return default<|>
"""

Open = Callable[..., Session]
Start = Callable[..., Session]


def typed_dot(editor: Open, source: str = MEMBER, **options: object) -> tuple[Session, str]:
    """The source with a dot typed at its cursor, and the ghost text that then appears."""
    session = editor(source, **options)
    session.type(".")
    return session, session.ghost_appears()


def lasting(session: Session, *, seconds: float) -> set[str]:
    """All that is shown as ghost text within that time."""
    end = time.monotonic() + seconds
    seen = set()
    while time.monotonic() < end:
        seen.add(session.ghost())
        time.sleep(0.01)
    return seen


def test_ghost_text_appears_while_typing_and_is_not_in_the_buffer(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    assert session.before().endswith("return json.")
    assert "return json." + ghost not in session.text()
    assert session.errors() == ""


def test_tab_accepts_the_whole_suggestion_and_the_file_parses(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    before = session.text()
    session.type("<Tab>")
    until(lambda: session.text() != before, seconds=5, what="text after <Tab>")
    assert session.text() == before.replace("return json.", f"return json.{ghost}")
    assert session.before().endswith(f"return json.{ghost}")
    ast.parse(session.text())
    assert session.errors() == ""


def test_accepting_a_name_that_is_not_imported_imports_it(editor: Open) -> None:
    session = editor(UNIMPORTED)
    session.type("d")
    ghost = session.ghost_appears()
    assert ghost.startswith("ict"), "the model's taste has changed: another source is needed"
    session.type("<Tab>")
    imported = "import json\nfrom collections import defaultdict\n"
    until(lambda: session.text().startswith(imported), seconds=10, what="import")
    assert session.before().endswith(f"return defaultd{ghost}")
    ast.parse(session.text())
    session.type("[3]")
    assert session.before().endswith(f"return defaultd{ghost}[3]")
    assert session.errors() == ""


def test_explain_shows_in_a_float_why_a_text_would_be_refused(editor: Open) -> None:
    session = editor("import json\n\n\ndata = json.<|>\n")
    session.type("<Esc>a")
    session.nvim.command("TenonExplain lodas(3)")

    def shown() -> str:
        windows = [window for window in session.nvim.windows if window.api.get_config()["relative"]]
        return "\n".join(windows[0].buffer[:]) if windows else ""

    account = until(shown, seconds=20, what="float")
    assert "Refused" in account and "no member 'lo" in account
    assert "Members of" in account and "loads" in account
    assert session.errors() == ""


def test_what_was_accepted_is_not_offered_again_behind_itself(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    session.type("<Tab>")
    until(lambda: session.before().endswith(ghost), seconds=5, what="accepted text")
    assert ghost not in lasting(session, seconds=1)


def test_one_undo_takes_the_suggestion_back_and_nothing_else(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    before = session.text()
    session.type("<Tab>")
    until(lambda: session.before().endswith(ghost), seconds=5, what="accepted text")
    session.type("<Esc>u")
    assert session.text() == before


def test_words_are_accepted_one_by_one_and_the_rest_stays(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    start = session.before()
    accepted = ""
    while accepted != ghost:
        before = session.before()
        session.type("<M-Right>")
        until(lambda: session.before() != before, seconds=5, what="word")
        accepted = session.before().removeprefix(start)
        assert ghost.startswith(accepted)
        assert session.ghost() == ghost.removeprefix(accepted)
        assert re.fullmatch(r"\s*(\w+|[^\w\s]*)", session.before().removeprefix(before))
    ast.parse(session.text())


def test_a_line_is_accepted_to_its_end(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    start = session.before()
    session.type("<M-C-Right>")
    line, *rest = ghost.split("\n")
    until(lambda: session.before() == start + line, seconds=5, what="line")
    assert session.ghost() == "".join("\n" + left for left in rest)


def test_typing_what_is_suggested_shortens_it_and_accepting_doubles_nothing(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    session.type(ghost[0])
    assert session.ghost() == ghost[1:]
    # Sooner than the next answer: the suggestion is still that of the dot.
    session.type("<Tab>")
    until(lambda: session.before().endswith("." + ghost), seconds=5, what="accepted text")
    ast.parse(session.text())


def test_a_key_pressed_right_before_tab_is_not_doubled(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    session.type(ghost[0] + "<Tab>")
    until(lambda: session.before().endswith("." + ghost), seconds=5, what="accepted text")


def test_typing_something_else_takes_the_suggestion_away_at_once(editor: Open) -> None:
    session, ghost = typed_dot(editor)
    session.type("_" if ghost[0] != "_" else "a")
    assert session.ghost() == ""


def test_a_dismissed_suggestion_stays_away_until_something_is_typed(editor: Open) -> None:
    session, _ = typed_dot(editor)
    before = session.text()
    session.type("<C-]>")
    session.ghost_is_gone()
    assert lasting(session, seconds=1) == {""}
    assert session.text() == before
    session.type(" <BS>")
    session.ghost_appears()


def test_leaving_insert_mode_takes_the_suggestion_away(editor: Open) -> None:
    session, _ = typed_dot(editor)
    session.type("<Esc>")
    assert session.ghost() == ""


def test_tab_is_a_tab_where_nothing_is_suggested(editor: Open) -> None:
    session = editor("x = 1\n<|>\n")
    session.nvim.command("Tenon toggle")
    try:
        session.type("<Tab>")
        assert session.before() == "x = 1\n    "
    finally:
        session.nvim.command("Tenon toggle")


def test_asking_by_key_brings_a_suggestion_without_typing(editor: Open) -> None:
    """Perhaps another one: who asks by a key gives the model and the analysis more time."""
    session, _ = typed_dot(editor)
    session.type("<C-]>")
    session.ghost_is_gone()
    session.type("<M-Bslash>")
    assert session.ghost_appears()


def test_what_was_typed_before_the_server_was_ready_gets_its_suggestion(started: Start) -> None:
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.type("Gcc    return json.")
    assert session.status() == "Tenon: starting"
    session.ghost_appears(seconds=60)


def test_a_burst_of_keys_ends_with_a_suggestion_for_the_last_one(editor: Open) -> None:
    session = editor(MEMBER)
    for _ in range(40):
        session.type(".lo<BS><BS><BS>")
    session.type(".lo")
    ghost = session.ghost_appears()
    session.type("<Tab>")
    until(lambda: session.before().endswith(".lo" + ghost), seconds=5, what="accepted text")
    ast.parse(session.text())
    assert session.errors() == ""


def test_json_is_completed_too(editor: Open) -> None:
    session = editor('{\n  "debug": <|>\n}\n', name="sample.json")
    session.type("t")
    assert session.ghost_appears().startswith("rue")
    session.type("<Tab>")
    until(lambda: "true" in session.before(), seconds=5, what="accepted text")
    assert json.loads(session.text())["debug"] is True


def test_a_file_with_crlf_shows_no_carriage_return_and_keeps_its_line_ends(editor: Open) -> None:
    session, ghost = typed_dot(editor, newline="\r\n")
    assert "\r" not in ghost
    session.type("<Tab>")
    until(lambda: session.before().endswith(ghost), seconds=5, what="accepted text")
    session.type("<Esc>")
    session.nvim.command("silent write")
    written = Path(session.nvim.current.buffer.name).read_bytes()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", written) is None
    ast.parse(written)


def test_text_outside_the_basic_plane_does_not_shift_the_suggestion(editor: Open) -> None:
    source = MEMBER.replace("json<|>", 'print("𝒳é", json<|>)')
    session, ghost = typed_dot(editor, source)
    session.type("<Tab>")
    until(lambda: session.before().endswith(f'("𝒳é", json.{ghost}'), seconds=5, what="text")
    ast.parse(session.text())


def test_toggle_switches_suggestions_off_and_on_again(editor: Open) -> None:
    session, _ = typed_dot(editor)
    session.nvim.command("Tenon toggle")
    assert session.ghost() == ""
    assert session.status() == "Tenon: off"
    session.type("<BS>.")
    assert lasting(session, seconds=1.5) == {""}
    session.nvim.command("Tenon toggle")
    session.type("<BS>.")
    session.ghost_appears()


def test_restart_brings_a_new_server_and_suggestions_go_on(editor: Open) -> None:
    session, _ = typed_dot(editor)
    old = session.servers()
    assert old
    session.type("<Esc>")
    session.nvim.command("Tenon restart")
    psutil.wait_procs(old, timeout=10)
    assert not any(process.is_running() for process in old)
    until(session.servers, seconds=10, what="new server")
    session.ready()
    session.type("A<BS>.")
    session.ghost_appears()
    assert session.errors() == ""


def test_a_server_that_dies_is_reported_and_restart_brings_it_back(started: Start) -> None:
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.ready()
    for process in session.servers():
        process.kill()
    until(lambda: session.status() == "Tenon: fault", seconds=10, what="fault")
    session.nvim.command("Tenon restart")
    session.ready()


def test_a_bad_model_path_is_a_fault_in_the_status_and_no_popup(
    started: Start, tmp_path: Path
) -> None:
    missing = tmp_path / "no-such-model.gguf"
    session = started(setup(settings={"model": {"path": str(missing)}}))
    session.nvim.command("edit ready.py")
    until(lambda: session.status() == "Tenon: fault", seconds=60, what="fault")
    assert missing.name in session.message()
    session.type("Gcc    return json.")
    assert lasting(session, seconds=1) == {""}
    session.type("<Esc>")
    assert session.errors() == ""
    assert "fault" in session.nvim.command_output("Tenon status")


def test_a_missing_command_is_said_once_with_what_to_do(started: Start) -> None:
    session = started(setup(cmd=["/no/such/tenon", "serve"]))
    session.nvim.command("edit ready.py")
    session.nvim.command("edit other.py")
    assert session.status() == "Tenon: fault"
    assert "/no/such/tenon" in session.message()
    assert session.errors().count("checkhealth tenon") == 1
    assert session.servers() == []


@pytest.mark.parametrize(
    ("entry", "is_project"), [(".", True), ("bin", False), (".", False), ("{folder}/bin", True)]
)
def test_a_program_in_the_workspace_is_never_run(
    started: Start, tmp_path: Path, entry: str, is_project: bool
) -> None:
    folder = tmp_path / "workspace"
    if not is_project:
        (folder / "pyproject.toml").unlink()
    ran = tmp_path / "ran"
    for place in (folder, folder / "bin"):
        place.mkdir(exist_ok=True)
        program = place / "tenon"
        program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
        program.chmod(0o755)
    path = entry.format(folder=folder)
    session = started(
        "require('tenon').setup()\n", before=f"vim.env.PATH = {json.dumps(path)} .. ':/bin'\n"
    )
    session.nvim.command("edit ready.py")
    assert session.status() == "Tenon: fault"
    session.nvim.command("checkhealth tenon")
    assert not ran.exists()


def test_a_module_in_the_workspace_is_never_imported(started: Start, tmp_path: Path) -> None:
    """`python -m` takes modules from the current folder first."""
    ran = tmp_path / "ran"
    for name in ("tenon", "jedi", "llama_cpp"):
        (tmp_path / "workspace" / f"{name}.py").write_text(f"open({str(ran)!r}, 'w')\n")
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.ready()
    assert not ran.exists()


def test_another_mapping_of_tab_still_works_where_nothing_is_suggested(started: Start) -> None:
    session = started(setup(), before="vim.keymap.set('i', '<Tab>', 'theirs')\n")
    session.nvim.command("edit ready.py")
    session.ready()
    session.nvim.command("Tenon toggle")
    session.type("Go<Tab>!")
    assert session.before().endswith("theirs!")


def test_keys_are_configurable_and_a_wrong_name_is_refused(started: Start) -> None:
    session = started(setup(keymaps={"accept": "<C-y>", "dismiss": False}))
    session.nvim.command("edit ready.py")
    session.ready()
    session.type("Gcc    return json.")
    ghost = session.ghost_appears()
    session.type("<C-y>")
    until(lambda: session.before().endswith(ghost), seconds=5, what="accepted text")
    with pytest.raises(Exception, match="keymaps has no \"acept\"; there are accept,"):
        session.nvim.exec_lua("require('tenon').setup({ keymaps = { acept = '<C-y>' } })")
    with pytest.raises(Exception, match='setup has no option "model"'):
        session.nvim.exec_lua("require('tenon').setup({ model = {} })")


def test_without_setup_neovims_own_functions_suffice(started: Start) -> None:
    session = started(
        f"vim.lsp.config('tenon', {{ cmd = vim.json.decode([==[{json.dumps(COMMAND)}]==]) }})\n"
        "vim.lsp.enable('tenon')\n"
        "vim.lsp.inline_completion.enable(true)\n"
    )
    session.nvim.command("edit ready.py")
    session.ready()
    session.type("Gcc    return json.")
    ghost = session.ghost_appears()
    session.nvim.exec_lua("vim.lsp.inline_completion.get()")
    until(lambda: session.before().endswith(ghost), seconds=5, what="accepted text")


def test_checkhealth_finds_nothing_wrong(started: Start) -> None:
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.ready()
    session.nvim.command("checkhealth tenon")
    report = session.text()
    assert "ERROR" not in report and "WARNING" not in report, report
    assert "serves 1 buffer(s)" in report


def test_the_help_page_names_every_setting_and_its_default() -> None:
    page = (PLUGIN / "doc" / "tenon.txt").read_text(encoding="utf-8")
    section = page.split("*tenon-settings*")[1].split("*tenon-keymaps*")[0]
    entry = re.compile(r"^    ([a-z]+[._][a-z_.]+)\s+(.*(?:\n {8,}.*)*)", re.MULTILINE)
    entries = dict(entry.findall(section))
    # Growing chunks are of no use to Neovim, which shows whole answers.
    assert entries.keys() == set(leaves(Settings())) - {"streaming"}
    for name, default in leaves(Settings()).items():
        if isinstance(default, (bool, int)) and name in entries:
            assert str(default).lower() in entries[name]


def leaves(section: BaseModel, prefix: str = "") -> dict[str, object]:
    """The settings by their dotted names, with their defaults."""
    found: dict[str, object] = {}
    for field, info in type(section).model_fields.items():
        name, value = prefix + (info.alias or field), getattr(section, field)
        found |= leaves(value, name + ".") if isinstance(value, BaseModel) else {name: value}
    return found


def test_help_has_its_tags(started: Start, tmp_path: Path) -> None:
    session = started(setup())
    page = tmp_path / "page" / "doc"
    page.mkdir(parents=True)
    shutil.copy(PLUGIN / "doc" / "tenon.txt", page)
    session.nvim.command(f"helptags {page}")
    session.nvim.command(f"set runtimepath^={page.parent}")
    for tag in ("tenon", "tenon-keys", ":Tenon", "tenon.status()"):
        session.nvim.command(f"help {tag}")
        assert session.nvim.current.buffer.name.endswith("tenon.txt")


def test_quitting_leaves_no_server_behind(started: Start) -> None:
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.ready()
    servers = session.servers()
    assert servers
    session.quit()
    _, left = psutil.wait_procs(servers, timeout=5)
    assert left == []


def test_a_killed_neovim_leaves_no_server_behind(started: Start) -> None:
    session = started(setup())
    session.nvim.command("edit ready.py")
    session.ready()
    servers = session.servers()
    session.process.kill()
    _, left = psutil.wait_procs(servers, timeout=10)
    assert left == []


def test_the_terminal_shows_the_suggestion(
    nvim: Path, started: Start, tmp_path: Path, artifacts: Path
) -> None:
    """A Neovim in a terminal, the terminal being another Neovim's: its screen, as text."""
    outer = started(setup())
    # The outer one only lends its terminal; both find the same configuration.
    path = tmp_path / "workspace" / "settings.py"
    path.write_text(MEMBER.replace("<|>", ""))
    init = Path(__file__).parent / "init.lua"
    outer.nvim.command("set lines=20 columns=78 laststatus=0")
    outer.nvim.command("enew")
    channel = outer.nvim.funcs.jobstart(
        [str(nvim), "-u", str(init), "--cmd", "set laststatus=2", str(path)], {"term": True}
    )

    def screen() -> str:
        return outer.text().rstrip() + "\n"

    until(lambda: "return json" in screen(), seconds=20, what="file on the screen")
    outer.nvim.funcs.chansend(
        channel, ":set statusline=%f%=%{v:lua.require'tenon'.status()}\r"
    )
    until(lambda: "Tenon: ready" in screen(), seconds=60, what="ready in the statusline")
    outer.nvim.funcs.chansend(channel, "/return json\rA.")
    line = re.compile(r"return json\.\S")
    until(lambda: line.search(screen()), seconds=20, what="suggestion on the screen")
    (artifacts / "nvim-screen.txt").write_text(screen(), encoding="utf-8")
    outer.nvim.funcs.chansend(channel, "\x1b:qall!\r")
    assert outer.nvim.funcs.jobwait([channel], 10_000) == [0]
