"""The frame of a hole in JSON: small, and exact about what may stand in it."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.syntax.context import CursorContext, Role
from tenon.syntax.json import JsonSyntax
from tenon.syntax.json.elements import after, before
from tenon.text import Document

JSON = JsonSyntax(comments=False)
JSONC = JsonSyntax(comments=True)


def at(marked: str, syntax: JsonSyntax = JSON) -> CursorContext:
    prefix, cursor, suffix = marked.partition("<|>")
    assert cursor and "<|>" not in suffix
    document = Document(uri="file:///a.json", version=1, text=prefix + suffix, language="json")
    return syntax.context(document, len(prefix))


def framed(marked: str, completion: str, syntax: JsonSyntax = JSON) -> bool:
    frame = at(marked, syntax).frame
    assert frame is not None
    return syntax.judge(at(marked))(frame.opening + completion + frame.closing)


@pytest.mark.parametrize(
    ("marked", "fits", "does_not"),
    [
        ('{"a": <|>}', "1", "1,"),
        ('{"a": <|>', "1}", "1"),
        ('{"a": [1, <|>], "b": 2}', "3", "3]"),
        ('{"a": [1, <|>\n}', "3]", "3"),
        ('{"a": "x<|>"}', "y", 'y"'),
        ('{"a": "x<|>\n}', 'y"', "y"),
        ('{<|>"b": 1}', '"a": 2, ', '"a": 2'),
        ('[<|>]', "", ","),
        ("<|>", "null", ""),
        ('{"a": tr<|>}', "ue", "x"),
    ],
)
def test_the_frame_takes_what_the_buffer_takes(marked, fits, does_not) -> None:
    assert framed(marked, fits)
    assert not framed(marked, does_not)


def test_comments_and_trailing_commas_belong_to_the_other_dialect() -> None:
    marked = '{\n  // the first\n  "a": <|>,\n}\n'
    assert framed(marked, "1", JSONC)
    assert not JSON.parses(marked.replace("<|>", "1"))


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ('{"a<|>": 1}', Role.STRING),
        ('{"a": <|>1}', Role.OTHER),
        ('{"a": 1 // why<|>\n}', Role.COMMENT),
    ],
)
def test_the_role_is_what_the_cursor_stands_in(marked, role) -> None:
    assert at(marked, JSONC).role is role


@pytest.mark.parametrize("marked", ["]<|>", "{]<|>", '{"a": 1}}<|>'])
def test_where_brackets_do_not_match_there_is_no_frame(marked) -> None:
    assert at(marked).frame is None


@pytest.mark.parametrize(
    ("marked", "fits", "does_not"),
    [
        ('{"a": <|>"b": 1}, "c": 2}', "{", "1, "),
        ('{"a": [1, <|>2, 3], "b": 4}, 5]}', '{"c": [', "6, "),
        ('[<|>"a": 1, "b": [2, 3]}]', "{", "0, "),
    ],
)
def test_what_is_closed_and_nowhere_opened_is_the_completions_to_open(
    marked: str, fits: str, does_not: str
) -> None:
    assert framed(marked, fits)
    assert not framed(marked, does_not)
    long = marked + " " * 9_000
    assert framed(long, fits) and not framed(long, does_not)


def test_a_huge_buffer_has_a_small_frame() -> None:
    rows = [{"id": number, "tags": ["a", "b"]} for number in range(20_000)]
    text = json.dumps(rows, indent=1)
    cut = text.index('"id": 10000') + len('"id": ')
    context = at(text[:cut] + "<|>" + text[cut + 5 :])
    assert context.frame is not None
    assert len(context.frame.opening + context.frame.closing) < 200
    assert JSON.judge(context)(context.frame.opening + "7" + context.frame.closing)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=4)
    | st.dictionaries(st.text(max_size=3), children, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.randoms(use_true_random=False), st.sampled_from([None, 1]))
def test_a_hole_in_json_takes_the_authors_text_back(value, rng: random.Random, indent) -> None:
    """Also where earlier and later elements were left out of the frame."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    start = rng.randint(0, len(text))
    end = rng.randint(start, min(len(text), start + 12))
    place = before(text[:start])
    assert place is not None
    closing = after(text[end:], place)
    if closing is not None and text[start:end].count('"') == 0 and place.inside != "string":
        author = text[start:end]
        if not set(author) & set("{}[]"):
            assert JSON.parses(place.text + author + closing), (place, author, closing)


@given(st.text(alphabet='{}[]",:0 \\\n/*a', max_size=40), st.integers(0, 40))
def test_broken_text_never_raises(text: str, cut: int) -> None:
    document = Document(uri="file:///a.json", version=1, text=text, language="json")
    for syntax in (JSON, JSONC):
        context = syntax.context(document, cut)
        syntax.confirms(context, "1")
