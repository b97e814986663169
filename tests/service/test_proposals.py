"""What is proposed at a place without the model, which is never loaded here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenon.semantics import Analyser
from tenon.service.proposal import Kind, Proposal
from tenon.service.proposals import propose
from tenon.service.request import Nothing, Outcome, Request, Suggestion
from tenon.service.service import Service
from tenon.service.settings import Settings
from tenon.syntax.languages import Languages
from tenon.text import Deadline, Document

At = Callable[..., tuple[Proposal, ...]]

HEAD = """\
from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal, TypedDict


class Color(Enum):
    RED = 1
    GREEN = 2


class Row(TypedDict):
    name: str
    age: int


@dataclass
class User:
    id: int
    name: str
    home: Path
    _secret: str = ""

    def label(self) -> str:
        return self.name


def paint(color: Color, width: int) -> None: ...
def mode(which: Literal["read", "write"]) -> int: ...


def f(user: User, items: list[int], row: Row, plain, shade: Color | None = None) -> str:
    """


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> At:
    root = tmp_path_factory.mktemp("workspace")
    analyser = Analyser(root)
    syntax = Languages().syntax("python")
    assert syntax is not None

    def place(statement: str, *, seconds: float = 30, head: str = HEAD) -> tuple[Proposal, ...]:
        before, after = (head + statement).split("<|>")
        document = Document(
            uri=(root / "a.py").as_uri(), version=1, text=before + after, language="python"
        )
        deadline = Deadline.after(seconds)
        context = syntax.context(document, len(before))
        return propose(context, analyser.analyse(document, context, deadline), deadline)

    return place


def texts(found: tuple[Proposal, ...]) -> list[str]:
    return [each.text for each in found]


# -- where a type is expected ------------------------------------------------------------------


def test_what_has_the_returned_type_is_proposed_with_it_and_with_who_asks(at: At) -> None:
    found = at("return <|>\n")
    assert {"user.name", "user.label()", "str(user.id)"} <= set(texts(found))
    name = found[texts(found).index("user.name")]
    assert (name.kind, name.type, name.because) == (Kind.FIELD, "str", "'f' returns str")
    assert "user.id" not in texts(found)
    assert "plain" not in texts(found)


def test_an_argument_is_proposed_by_its_parameters_type(at: At) -> None:
    found = at("paint(<|>)\n")
    assert texts(found)[:2] == ["Color.RED", "Color.GREEN"]
    red = found[texts(found).index("Color.RED")]
    assert (red.kind, red.type) == (Kind.ENUM_MEMBER, "Color")
    found = at("paint(Color.RED, <|>)\n")
    assert {"user.id", "len(items)", "items[0]"} <= set(texts(found))
    assert "Color.RED" not in texts(found)


def test_the_word_begun_is_replaced_and_what_begins_so_comes_first(at: At) -> None:
    found = at("paint(Color.RED, le<|>)\n")
    assert found[0].text == "len(items)"
    assert {each.typed for each in found} == {2}


def test_what_is_set_is_not_proposed_for_itself(at: At) -> None:
    found = texts(at("width: int = <|>\n"))
    assert "len(items)" in found
    assert "width" not in found


@pytest.mark.parametrize(
    "statement",
    [
        *("<|>\n", "x = <|>\n", "x = us<|>\n", "print(<|>\n", "plain(<|>)\n"),
        *("def <|>\n", "import <|>\n", "import os.<|>\n", "from os import <|>\n"),
    ],
)
def test_where_no_type_is_expected_nothing_is_proposed(at: At, statement: str) -> None:
    assert at(statement) == ()


# -- where a few strings are -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "proposed", "typed"),
    [
        ("mode(<|>)\n", ["'read'", "'write'"], 0),
        ('mode("<|>")\n', ["read", "write"], 0),
        ('mode("wr<|>")\n', ["write", "read"], 2),
        ('mode("wr<|>\n', ['write"', 'read"'], 2),
        ("return row[<|>]\n", ["'age'", "'name'"], 0),
        ("return row['<|>']\n", ["age", "name"], 0),
        ("return row['na<|>\n", ["name'", "age'"], 2),
    ],
)
def test_the_few_strings_that_may_stand_there_are_proposed(
    at: At, statement: str, proposed: list[str], typed: int
) -> None:
    found = at(statement)
    assert texts(found) == proposed
    assert {each.typed for each in found} == {typed}


@pytest.mark.parametrize(
    "statement",
    [
        "# user.<|>\n",
        "x = 'user.<|>'\n",
        "return 'user.<|>'\n",
        "return '<|>'\n",
        'x = f"{user.name} <|>"\n',
        "x = plain['<|>']\n",
    ],
)
def test_in_comments_and_other_strings_nothing_is_proposed(at: At, statement: str) -> None:
    assert at(statement) == ()


# -- after a dot -------------------------------------------------------------------------------


def test_members_of_the_expected_type_come_first_and_private_ones_last(at: At) -> None:
    found = at("return user.<|>\n")
    assert texts(found) == ["name", "label", "id", "home", "_secret"]
    assert [each.type for each in found[:3]] == ["str", "() -> str", "int"]
    assert [each.kind for each in found[:2]] == [Kind.FIELD, Kind.METHOD]
    assert {each.because for each in found} == {"User"}


def test_members_are_proposed_where_no_type_is_expected(at: At) -> None:
    assert texts(at("x = user.<|>\n"))[:2] == ["id", "name"]
    assert texts(at("user.home.exi<|>\n"))[0] == "exists"


SHOP = """\
class Thing:
    note: dict[str, str]


class Item(Thing):
    name: str
    price: float

    def __init__(self) -> None:
        self.quantity = 1
        self.parts: list[str] = []

    def cost(self) -> float:
        return self.price * self.quantity


def f(item: Item, items: list[Item]) -> None:
    total = 0.0
    """


@pytest.mark.parametrize(
    ("statement", "order"),
    [
        ("total += item.<|>\n", "price cost quantity name parts note"),
        ("total = total * item.<|>\n", "price cost quantity name parts note"),
        ("for each in items:\n        total += each.<|>\n", "price cost quantity name parts note"),
        ("if total < item.<|>:\n        pass\n", "price cost quantity name parts note"),
        ("for part in item.<|>:\n        pass\n", "name parts note price cost quantity"),
        ("x = [-item.<|>]\n", "price cost quantity name parts note"),
        ("x = [part for part in item.<|>]\n", "name parts note price cost quantity"),
        ("print(item.<|>)\n", "name price cost quantity parts note"),
        ("item.<|>\n", "name price cost quantity parts note"),
        ("unknown += item.<|>\n", "name price cost quantity parts note"),
        ("total += item.q<|>\n", "quantity price cost name parts note"),
    ],
)
def test_members_that_the_operator_takes_come_first_as_they_are_declared(
    at: At, statement: str, order: str
) -> None:
    assert texts(at(statement, head=SHOP)) == order.split()


def test_a_member_that_cannot_stand_there_is_no_answer(loading: Service) -> None:
    """Nor is the next of them: what follows is for who asks to choose."""
    there = Document(
        uri="file:///a/shop.py", version=1, language="python", text=SHOP + "total += item.na\n"
    )
    request = Request(
        document=there, offset=len(there.text) - 1, deadline=Deadline.after(30), invoked=True
    )
    assert isinstance(loading.submit(request).result(30), Nothing)


def test_what_a_module_imported_itself_comes_behind_its_own(at: At) -> None:
    found = texts(at("os.<|>\n"))
    assert found.index("getcwd") < found.index("sys")


def test_members_of_what_is_not_known_are_not_guessed(at: At) -> None:
    assert at("plain.<|>\n") == ()


# -- any text, any time ------------------------------------------------------------------------


def test_no_cursor_raises(at: At) -> None:
    body = 'paint(Color.RED, items[0])\n    return row["name"] if user.id else f"{user!r:>{1}}"\n'
    for cut in range(0, len(body), 3):
        assert isinstance(at(f"{body[:cut]}<|>{body[cut:]}"), tuple)
        assert isinstance(at(f"{body[:cut]}<|>"), tuple)


def test_without_time_nothing_is_proposed(at: At) -> None:
    assert at("return user.hom<|>\n", seconds=0) == ()


@pytest.fixture(scope="module")
def loading() -> Iterator[Service]:
    """One whose model never comes."""
    service = Service(Settings())
    service._analysis.start()
    yield service
    service.close()


def document(statement: str, **changes: str) -> tuple[Document, int]:
    before, after = (HEAD + statement).split("<|>")
    options = {"uri": "file:///a/b.py", "language": "python", **changes}
    return Document(version=1, text=before + after, **options), len(before)


def test_the_service_proposes_while_the_model_is_loading(loading: Service) -> None:
    assert loading.status.state == "starting"
    found = loading.proposals(*document("return <|>\n"), Deadline.after(30)).result(30)
    assert "user.name" in texts(found)


def test_the_documents_own_line_ends_change_nothing(loading: Service) -> None:
    there, offset = document("mode('wr<|>')\n")
    offset += there.text[:offset].count("\n")
    there = Document(
        uri=there.uri, version=2, language="python", text=there.text.replace("\n", "\r\n")
    )
    found = loading.proposals(there, offset, Deadline.after(30)).result(30)
    assert [(each.text, each.typed) for each in found] == [("write", 2), ("read", 2)]


def test_a_newer_request_takes_the_place_of_an_older_one(loading: Service) -> None:
    loading._analysis._thread.submit(time.sleep, 0.2)
    older = loading.proposals(*document("return <|>\n"), Deadline.after(30))
    newer = loading.proposals(*document("return us<|>\n"), Deadline.after(30))
    assert older.result(30) == ()
    assert newer.result(30) != ()


def test_asked_for_by_a_key_the_first_proposal_stands_in_for_the_model(
    loading: Service,
) -> None:
    def ask(statement: str, *, invoked: bool) -> Outcome:
        there, offset = document(statement)
        deadline = Deadline.after(30)
        request = Request(document=there, offset=offset, deadline=deadline, invoked=invoked)
        return loading.submit(request).result(30)

    found = ask("paint(Col<|>)\n", invoked=True)
    assert isinstance(found, Suggestion)
    assert (found.text, found.confirmed) == ("or.RED", True)
    # It would have to replace what is typed, to be guessed, or to be asked for.
    for statement in ("paint(Color.RED, le1<|>)\n", "user.<|>\n", "x = <|>\n", "<|>\n"):
        assert isinstance(ask(statement, invoked=True), Nothing), statement
    assert isinstance(ask("paint(Col<|>)\n", invoked=False), Nothing)


def test_another_language_and_a_closed_service_propose_nothing(tmp_path: Path) -> None:
    service = Service(Settings(), root=tmp_path)
    service._analysis.start()
    found = service.proposals(*document("return <|>\n", language="json"), Deadline.after(30))
    assert found.result(30) == ()
    service.close()
    assert service.proposals(*document("return <|>\n"), Deadline.after(30)).result(30) == ()
