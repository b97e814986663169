"""TypeScript and JavaScript from buffer to answer."""

from __future__ import annotations

import pytest

from tenon.service.request import Nothing, Request, Suggestion
from tenon.syntax.typescript import TypeScriptSyntax
from tenon.text import Deadline, Document


@pytest.mark.parametrize("language", ["typescript", "javascript"])
@pytest.mark.parametrize(
    "marked",
    [
        "const x = foo(<|>);\n",
        "function add(a, b) {\n  return <|>\n}\n",
        "class A {\n  area() {\n    <|>\n  }\n}\n",
        "const names = people.map((person) => <|>);\n",
        "if (x <|>) {\n  y();\n}\n",
        "const s = `a ${<|>} b`;\n",
        "foo(a, <|>\nbar();\n",
    ],
)
def test_an_answer_parses_with_what_surrounds_it(service, language, marked) -> None:
    before, _, after = marked.partition("<|>")
    doc = Document(uri="file:///a.ts", version=1, text=before + after, language=language)
    outcome = service.submit(
        Request(document=doc, offset=len(before), deadline=Deadline.after(10))
    ).result(30)
    assert isinstance(outcome, Suggestion | Nothing)
    if isinstance(outcome, Suggestion):
        syntax = TypeScriptSyntax(types=language == "typescript")
        assert syntax.parses(before + outcome.text + after)
