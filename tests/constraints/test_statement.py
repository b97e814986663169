"""The grammar for one statement, in both dialects, as the servers that get it would read it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import llama_cpp
import pytest
from llguidance import LLMatcher, LLTokenizer

from tenon.constraints.statement import Dialect, Statement, statement
from tenon.engine.models import bundled
from tenon.semantics.facts import Facts, ImportSet, MemberSet, NameSet, Words
from tenon.syntax.python import PythonSyntax
from tenon.text import Document

NAMES = ("foo", "bar", "path", "print", "self", "café", "len")
MEMBERS = {
    "path": MemberSet(owner="Path", words=Words(["exists", "name"]), complete=True, fixed=True),
    "self": MemberSet(owner="Machine", words=Words(["run", "stop"]), complete=True),
    "foo": MemberSet(owner="the receiver", reason="its type is not known"),
}
FACTS = Facts(
    names=NameSet(words=Words(NAMES), importable=Words(["os"]), complete=True), members=MEMBERS
)
ANYTHING = Facts()

Reads = Callable[[str, str], tuple[int, bool]]
"""Of a grammar and a text: how many characters are taken, and whether it may end there."""


def at(marked: str, dialect: Dialect, facts: Facts = FACTS, **more) -> Statement | None:
    before, cursor, after = marked.partition("<|>")
    assert cursor and "<|>" not in after
    document = Document(uri="file:///a.py", version=1, text=before + after)
    context = PythonSyntax().context(document, len(before))
    return statement(context, facts, dialect, **more)


@pytest.fixture(scope="session")
def vocabulary() -> Iterator[ctypes.c_void_p]:
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(bundled()).encode(), params)
    yield llama_cpp.llama_model_get_vocab(model)
    llama_cpp.llama_model_free(model)


def read_by_llguidance(grammar: str, text: str) -> tuple[int, bool]:
    """With its default limits, as servers run it, a byte a token."""
    tokenizer = LLTokenizer("byte")
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    taken = matcher.try_consume_tokens(list(text.encode()))
    assert not matcher.is_error(), matcher.get_error()
    return len(text.encode()[:taken].decode(errors="ignore")), matcher.is_accepting()


@pytest.fixture(params=["lark", "gbnf"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return request.param


@pytest.fixture
def reads(dialect: Dialect, vocabulary: ctypes.c_void_p) -> Reads:
    if dialect == "lark":
        return read_by_llguidance

    def allowed(sampler: ctypes.c_void_p, token: int) -> bool:
        data = (llama_cpp.llama_token_data * 1)(llama_cpp.llama_token_data(token, 1.0, 0.0))
        array = llama_cpp.llama_token_data_array(data, 1, -1, False)
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(array))
        return data[0].logit > 0

    def read(grammar: str, text: str) -> tuple[int, bool]:
        sampler = llama_cpp.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        assert sampler, "llama.cpp does not take the grammar"
        try:
            for place, character in enumerate(text):
                data = character.encode()
                room = (ctypes.c_int32 * 8)()
                count = llama_cpp.llama_tokenize(vocabulary, data, len(data), room, 8, False, False)
                for token in room[:count]:
                    if not allowed(sampler, token):
                        return place, False
                    llama_cpp.llama_sampler_accept(sampler, token)
            return len(text), allowed(sampler, llama_cpp.llama_vocab_eos(vocabulary))
        finally:
            llama_cpp.llama_sampler_free(sampler)

    return read


def takes(reads: Reads, made: Statement | None, text: str) -> bool:
    assert made is not None
    whole = made.healed + made.forced + text
    return reads(made.grammar, whole) == (len(whole), True)


ACCEPTED = [
    ("return <|>\n", "foo.bar(1, 'a')"),
    ("return <|>\n", "[item for item in foo]"),
    ("return <|>\n", "lambda new: new + 1"),
    ("return <|>\n", "not foo and bar is None"),
    ("return <|>\n", "f'{foo}' 'more' \"it's\""),
    ("return <|>\n", '"""three\n quotes"""'),
    ("return <|>\n", "os.path.join(foo)"),
    ("return <|>\n", "len(foo) - 1.5e-3  # why"),
    ("return <|>\n", "print(new=1, other=foo)"),
    ("return <|>\n", "{'a': foo, **bar}[0:-1]"),
    ("return <|>\n", "café"),
    ("return <|>\n", "foo(\n    bar,\n    path,\n)"),
    ("if <|>:\n    pass\n", "(new := foo) and bar"),
    ("if <|>:\n    pass\n", "new := foo"),
    ("while ne<|>:\n    pass\n", "w := foo()"),
    ("    <|>\n", "while new := foo():\n    print(new)"),
    ("    <|>\n", "new = foo"),
    ("    <|>\n", "new, *other = foo"),
    ("    <|>\n", "new: foo = 3"),
    ("    <|>\n", "self.new = new = foo"),
    ("    <|>\n", "foo[0] = bar"),
    ("    <|>\n", "for new in foo:\n    print(new)"),
    ("    <|>\n", "with foo as new:\n    pass"),
    ("    <|>\n", "import anything.at.all as new"),
    ("    <|>\n", "@foo\ndef new(a, b=1): pass"),
    ("    <|>\n", "print(foo); bar = 2"),
    ("fo<|>\n", "o.run()"),
    ("fo<|>\n", "r x in bar:\n    pass"),
    ("fo<|>\n", "reign = 1"),
    ("print(pa<|>\n", "th)"),
    ("print(pa<|>, 1)\n", "th"),
    ("print(foo(<|>\n", "bar), path)"),
    ("print(foo(<|>))\n", "bar, 1"),
    ("x = [<|> for new in foo]\n", "new"),
    ("for new in <|>\n", "foo"),
    ("x = path.<|>\n", "exists()"),
    ("x = path.na<|>\n", "me"),
    ("foo.<|>\n", "whatever(1)"),
    ("self.<|>\n", "brand_new = 1"),
    ("x = f<|>\n", "'text'"),
    ("<|> = 3\n", "new"),
    ("def f(a, <|>):\n    pass\n", "new=1, *rest"),
]


@pytest.mark.parametrize(("marked", "text"), ACCEPTED)
def test_what_an_author_may_write_is_taken(
    reads: Reads, dialect: Dialect, marked: str, text: str
) -> None:
    assert takes(reads, at(marked, dialect), text)


@pytest.mark.parametrize(
    ("marked", "text", "up_to"),
    [
        ("return <|>\n", "nope.x", 0),
        ("return <|>\n", "foobar", 3),
        ("x = <|>\n", "foo + nope", 6),
        ("x = <|>\n", "foo)", 3),
        ("x = <|>\n", "(foo]", 4),
        ("x = path.<|>\n", "nothing", 1),
        ("x = path.na<|>\n", "tive", 0),
        ("retu<|>\n", "rning foo", 2),
    ],
)
def test_what_cannot_be_is_refused_where_that_shows(
    reads: Reads, dialect: Dialect, marked: str, text: str, up_to: int
) -> None:
    made = at(marked, dialect)
    assert made is not None
    taken, _ = reads(made.grammar, made.healed + text)
    assert up_to <= taken - len(made.healed) < len(text)


@pytest.mark.parametrize("text", ["foo, nope)", "foo[nope](1))"])
def test_names_inside_brackets_are_held_by_llguidance(text: str) -> None:
    made = at("print(<|>\n", "lark")
    assert made is not None
    taken, _ = read_by_llguidance(made.grammar, made.healed + text)
    assert taken < len(text)


@pytest.mark.parametrize("marked", ["x = 'a<|>\n", "# a <|>\n", "x = <|>)\n", "x = fo<|>o\n"])
def test_where_no_small_grammar_can_tell_there_is_none(dialect: Dialect, marked: str) -> None:
    assert at(marked, dialect) is None


def test_where_names_are_not_all_known_any_name_is_taken(reads: Reads, dialect: Dialect) -> None:
    assert takes(reads, at("return <|>\n", dialect, ANYTHING), "anything.at_all(whatever)")


def test_names_that_could_be_imported_are_taken(reads: Reads, dialect: Dialect) -> None:
    imports = ImportSet(words=Words(["Path"]))
    facts = Facts(names=NameSet(words=Words(NAMES), imports=imports, complete=True))
    assert takes(reads, at("return <|>\n", dialect, facts), "Path()")


def test_too_many_names_for_a_small_grammar_are_any_name(reads: Reads, dialect: Dialect) -> None:
    words = Words([f"name_{number}" for number in range(3000)])
    made = at("return <|>\n", dialect, Facts(names=NameSet(words=words, complete=True)))
    assert made is not None and len(made.grammar) < 20_000
    assert takes(reads, made, "anything")


def test_the_word_at_the_cursor_is_said_again(dialect: Dialect) -> None:
    assert at("x = fo<|>\n", dialect).healed == "fo"
    assert at("x = <|>\n", dialect).healed == " "
    assert at("    <|>\n", dialect).healed == ""


def test_selected_text_is_held_to(reads: Reads, dialect: Dialect) -> None:
    made = at("x = path.<|>\n", dialect, forced="exi")
    assert made is not None and made.forced == "exi"
    assert takes(reads, made, "sts()")
    assert not takes(reads, made, "t")


def test_a_single_line_has_no_second(reads: Reads, dialect: Dialect) -> None:
    assert takes(reads, at("    <|>\n", dialect), "foo\n    bar")
    assert not takes(reads, at("    <|>\n", dialect, lines=False), "foo\n    bar")
    assert not takes(reads, at("x = <|> + 1\n", dialect), "foo\n    bar")
