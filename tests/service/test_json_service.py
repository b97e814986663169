"""JSON from buffer to answer, with the schema a file names or the settings give it."""

from __future__ import annotations

import json

import pytest

from tenon.constraints.constraint import Domain
from tenon.service.request import Nothing, Request, Suggestion
from tenon.service.schemas import Schemas
from tenon.service.settings import JsonSettings, SchemaMapping
from tenon.text import Deadline, Document

SCHEMA = {"type": "object", "properties": {"colour": {"enum": ["red", "green"]}}}


def document(path, text: str) -> Document:
    return Document(uri=path.as_uri(), version=1, text=text, language="json")


@pytest.mark.parametrize(
    "marked",
    ['{"a": <|>}', '{"a": [1, <|>]}', '{"a": "<|>"}', '{"a": 1, <|>', '[{"b": <|>\n]', "<|>"],
)
def test_an_answer_is_json_with_what_surrounds_it(service, marked) -> None:
    before, _, after = marked.partition("<|>")
    doc = Document(uri="file:///a.json", version=1, text=before + after, language="json")
    outcome = service.submit(
        Request(document=doc, offset=len(before), deadline=Deadline.after(10))
    ).result(30)
    assert isinstance(outcome, Suggestion | Nothing)
    if isinstance(outcome, Suggestion):
        json.loads(before + outcome.text + after)


def test_a_schema_beside_the_file_holds_the_answer(service, tmp_path) -> None:
    (tmp_path / "colours.json").write_text(json.dumps(SCHEMA))
    before, after = '{"$schema": "./colours.json", "colour": ', "}"
    doc = document(tmp_path / "mine.json", before + after)
    outcome = service.submit(
        Request(document=doc, offset=len(before), deadline=Deadline.after(10))
    ).result(30)
    assert isinstance(outcome, Suggestion)
    assert json.loads(before + outcome.text + after)["colour"] in {"red", "green"}
    assert Domain.RULES not in {evidence.domain for evidence in outcome.relaxed}


def test_the_settings_map_file_names_to_schemas(tmp_path) -> None:
    (tmp_path / "colours.json").write_text(json.dumps(SCHEMA))
    mapping = SchemaMapping(files=("*.colour.json",), path=str(tmp_path / "colours.json"))
    settings = JsonSettings(schemas=(mapping,))
    schema, reason = Schemas().find(document(tmp_path / "my.colour.json", "{}"), settings)
    assert schema is not None and not reason
    schema, reason = Schemas().find(document(tmp_path / "other.json", "{}"), settings)
    assert schema is None and reason


@pytest.mark.parametrize(
    "named", ["https://example.org/schema.json", "missing.json", "broken.json", ".", "\\u0000"]
)
def test_a_schema_that_cannot_be_had_is_none_with_a_reason(tmp_path, named) -> None:
    (tmp_path / "broken.json").write_text("{")
    doc = document(tmp_path / "mine.json", json.dumps({"$schema": named}))
    schema, reason = Schemas().find(doc, JsonSettings())
    assert schema is None
    assert reason
