"""JSON by grammar: every state a hand-written state machine would have, and nothing past the end."""

from __future__ import annotations

import json

import pytest

from tenon.constraints.grammar import Grammar, grammar_for
from tenon.constraints.json_schema import order_free
from tenon.decoding.matcher import GrammarError, Grammars, Matcher
from tenon.syntax.context import Frame

FRAME = Frame(opening="", closing="", indents=("",), unit="  ", statement=0)


@pytest.fixture
def matcher(vocabulary):
    def start(language: str = "json", schema: object | None = None) -> Matcher:
        text = order_free(schema) if schema is not None else None
        return Grammars(vocabulary).matcher(grammar_for(language, FRAME, schema=text))

    return start


def dies_at(matcher: Matcher, text: str) -> int | None:
    """The first character that has no place; None if all have one."""
    for position, character in enumerate(text):
        if not matcher.feed(character):
            return position
    return None


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '""',
        "0",
        "-1.5e+10",
        "true",
        "false",
        "null",
        ' { "a" : [ 1 , { "b" : null } ] } ',
        r'"\"\\\/\b\f\n\r\t\u00e9"',
        '[[[[[[[[]]]]]]]]',
        '{"é🙂": "\x7f"}',
        "\n[\r\n\t1\n]\n",
    ],
)
def test_json_is_taken_whole(matcher, text) -> None:
    json.loads(text)
    start = matcher()
    assert start.feed(text)
    assert start.closes([])


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("{a", 1),
        ('{"a" 1', 5),
        ('{"a":1,}', 7),
        ("[1,]", 3),
        ("[1 2", 3),
        ("01", 1),
        ("1.e", 2),
        ("+1", 0),
        (".5", 0),
        ("tru3", 3),
        ("nulll", 4),
        ("'a'", 0),
        ('"\n', 1),
        (r'"\x', 2),
        (r'"\u12g', 5),
        ("[}", 1),
        ('{"a":1]', 6),
        ("{}}", 2),
        ('{"a": 1} x', 9),
        ("[1]\n[", 4),
        ("NaN", 0),
        ("// c", 0),
    ],
)
def test_what_is_not_json_dies_at_its_first_wrong_character(matcher, text, at) -> None:
    assert dies_at(matcher(), text) == at


def test_nothing_but_white_space_follows_the_closing_bracket(matcher, vocabulary) -> None:
    start = matcher()
    assert start.feed('{"a": [1]}')
    for token in range(vocabulary.size):
        if start.allows(token) and not vocabulary.is_control(token):
            assert not vocabulary.tokenizer.decode_str([token]).strip()


@pytest.mark.parametrize(
    "text", ['{"a": 1,}', "[1, // one\n]", "/* first */ [ /**/ ]", "[1,\n]// last"]
)
def test_the_other_dialect_has_comments_and_trailing_commas(matcher, text) -> None:
    start = matcher("jsonc")
    assert start.feed(text)
    assert start.closes([])
    assert dies_at(matcher("json"), text) is not None


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "kind": {"enum": ["small", "large"]},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "a.b*": {"type": "null"},
    },
    "required": ["name", "size"],
    "additionalProperties": False,
    "$defs": {"part": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}},
}


@pytest.mark.parametrize(
    "value",
    [
        {"size": 1, "name": "x"},
        {"name": "x", "size": 1},
        {"kind": "large"},
        {"parts": [1, True], "kind": "small"},
        {"a.b*": None},
        {},
    ],
)
def test_a_schema_takes_properties_in_any_order_and_demands_none(matcher, value) -> None:
    for indent in (None, 2):
        start = matcher(schema=SCHEMA)
        assert start.feed(json.dumps(value, indent=indent)), value
        assert start.closes([])


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('{"name": 1', 9),
        ('{"kind": "m', 10),
        ('{"nome"', 3),
        ('{"size": 1.5', 10),
        ('{"parts": ["', 11),
        ('{"aXb', 3),
    ],
)
def test_a_schema_refuses_what_it_excludes(matcher, text, at) -> None:
    assert dies_at(matcher(schema=SCHEMA), text) == at


def test_a_schema_that_cannot_be_compiled_raises(vocabulary) -> None:
    with pytest.raises(GrammarError):
        Grammars(vocabulary).matcher(Grammar(kind="json schema", text='{"$ref": "#/missing"}'))
    with pytest.raises(GrammarError):
        Grammars(vocabulary).matcher(Grammar(kind="json schema", text="[not json"))
