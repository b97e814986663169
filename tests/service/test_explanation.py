"""What is allowed at a place and why: the account that a person is given. No model is loaded."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tenon.constraints.constraint import Domain
from tenon.semantics import Analyser
from tenon.service.checks import Checks, NoSyntax
from tenon.service.explain import Explanation, explain
from tenon.service.markdown import markdown
from tenon.text import Deadline, Document

MEMBER = "from pathlib import Path\n\n\nclass A:\n    def f(self, p: Path):\n        return p.<|>\n"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Explanation]:
    root = tmp_path_factory.mktemp("workspace")
    checks = Checks(Analyser(root))

    def place(
        source: str,
        text: str | None = None,
        *,
        language: str = "python",
        seconds: float = math.inf,
    ) -> Explanation:
        before, after = source.split("<|>")
        document = Document(
            uri=(root / "a.py").as_uri(), version=1, text=before + after, language=language
        )
        return explain(checks, document, len(before), text, Deadline.after(seconds))

    return place


def domains(explanation: Explanation) -> dict[Domain, str]:
    return {view.domain: view.state for view in explanation.domains}


def test_the_place_is_told_as_an_editor_shows_it(at: Callable[..., Explanation]) -> None:
    found = at(MEMBER)
    assert (found.line, found.column) == (6, 18)
    assert found.role == "attribute"
    assert found.enclosing == ("class A:", "def f(self, p: Path):")
    assert found.about is None


def test_a_receiver_is_told_with_its_members(at: Callable[..., Explanation]) -> None:
    found = at(MEMBER)
    assert found.receiver is not None
    assert (found.receiver.text, found.receiver.owner) == ("p", "Path")
    assert found.receiver.complete
    assert {"exists", "parent"} <= set(found.receiver.members)
    assert domains(found)[Domain.MEMBERS] == "narrowed"


def test_a_receiver_that_is_not_known_stands_open_with_a_reason(
    at: Callable[..., Explanation],
) -> None:
    found = at("def f(p):\n    return p.<|>\n")
    assert found.receiver is not None and not found.receiver.complete
    assert "not annotated" in found.receiver.reason
    assert domains(found)[Domain.MEMBERS] == "open"


def test_the_type_that_the_place_asks_for_is_told_with_what_has_it(
    at: Callable[..., Explanation],
) -> None:
    found = at("def g() -> int:\n    return 3\n\n\ndef f() -> int:\n    return <|>\n")
    assert found.wanted is not None
    assert "int" in found.wanted.asked
    assert "g()" in found.wanted.found
    assert "`g()`" in markdown(found)


def test_an_import_is_told_with_what_the_module_offers(at: Callable[..., Explanation]) -> None:
    found = at("from json import <|>\n")
    assert found.imported_from is not None
    assert found.imported_from.module == "json" and found.imported_from.complete
    assert {"loads", "decoder"} <= set(found.imported_from.names)


def test_a_place_that_is_broken_stands_open_and_says_so(at: Callable[..., Explanation]) -> None:
    found = at("def f(:\n    (] x.<|> ]\n  )\n")
    assert domains(found)[Domain.NAMES] == "open"


@pytest.mark.parametrize(
    ("source", "text", "domain", "at_", "said"),
    [
        (MEMBER, "exsts()", Domain.MEMBERS, 0, "exs"),
        (MEMBER, "parent.exsts()", Domain.MEMBERS, 7, "parent.exs"),
        ("x = <|>\n", "1 + zzzz", Domain.NAMES, 4, "1 + zz"),
        ("from json import <|>\n", "loads, lods", Domain.IMPORTS, 7, "loads, lod"),
        ("x = <|>\n", "(1, 2]", Domain.SYNTAX, 5, "(1, 2]"),
        ("x = <|>\n", "'é' )", Domain.SYNTAX, 4, "'é' )"),
        ("x = (<|>)\n", "1 +", Domain.SYNTAX, 3, "1 +"),
        ("x = <|>\n", "1\nreturn", Domain.SYNTAX, 2, None),
    ],
)
def test_a_text_is_refused_at_its_character_by_its_domain(
    at: Callable[..., Explanation],
    source: str,
    text: str,
    domain: Domain,
    at_: int,
    said: str | None,
) -> None:
    about = at(source, text).about
    assert about is not None and not about.fits
    (found,) = [each for each in about.objections if each.domain is domain]
    assert found.at == at_ or (said is None and found.at >= at_)
    if said is not None:
        assert text[: found.said] == said
    assert found.reason


def test_where_a_text_is_refused_is_told_as_a_place_in_the_file(
    at: Callable[..., Explanation],
) -> None:
    about = at("def f():\n    <|>\n", "a = 1\n    b = 1 + zzzz").about
    assert about is not None
    (found,) = about.objections
    assert (found.line, found.column) == (3, 13)


def test_a_text_that_fits_is_told_with_the_imports_it_needs(
    at: Callable[..., Explanation],
) -> None:
    about = at("x = <|>\n", "Path()").about
    assert about is not None and about.fits and about.objections == ()
    assert about.imports == ("from pathlib import Path",)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\0", "\ud800", "(" * 3000, "x." * 2000, "é" * 30_000, "f(a, " * 500]
)
def test_no_text_is_too_strange_or_takes_too_long(
    at: Callable[..., Explanation], text: str
) -> None:
    started = time.monotonic()
    about = at(MEMBER, text, seconds=1.0).about
    assert time.monotonic() - started < 10
    assert about is not None
    for each in about.objections:
        assert 0 <= each.at <= len(text) and each.said <= len(text)


def test_line_ends_of_the_document_do_not_shift_the_place(at: Callable[..., Explanation]) -> None:
    assert at(MEMBER.replace("\n", "\r\n"), "exsts") == at(MEMBER, "exsts")


def test_json_is_held_to_its_grammar(at: Callable[..., Explanation]) -> None:
    found = at('{"a": <|>}', "nul}", language="json")
    assert domains(found)[Domain.SYNTAX] == "narrowed"
    assert found.about is not None and not found.about.fits


def test_a_language_without_a_grammar_is_said_to_be_one(at: Callable[..., Explanation]) -> None:
    with pytest.raises(NoSyntax, match="cobol"):
        at("<|>", language="cobol")


def test_markdown_says_it_all(at: Callable[..., Explanation]) -> None:
    text = markdown(at(MEMBER, "exsts()"))
    for said in ("6:18", "Refused", "members", "`exists`", "Path", "`def f(self, p: Path):`"):
        assert said in text
    assert "`from pathlib import Path`" in markdown(at("x = <|>\n", "Path()"))


def test_the_account_is_plain_json(at: Callable[..., Explanation]) -> None:
    assert json.loads(json.dumps(asdict(at(MEMBER, "exsts()"))))["about"]["fits"] is False


def test_no_model_is_needed() -> None:
    code = (
        "import sys; from tenon.__main__ import app\n"
        f"app(['explain', '{Path(__file__).as_posix()}:1:1'], standalone_mode=False)\n"
        "assert 'llama_cpp' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
