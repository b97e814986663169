"""Arguments: what fits a signature is what CPython binds, as long as nothing is starred."""

from __future__ import annotations

import ast
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from tenon.semantics.arguments import Argument, fault, keywords_left
from tenon.semantics.parameters import Kind, Parameter, Signature
from tenon.semantics.passing import passed

NAMES = ("a", "b", "c", "d", "e")
@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    names = list(draw(st.permutations(NAMES)))[: draw(st.integers(0, 5))]
    kinds = sorted(
        (draw(st.sampled_from((Kind.POSITIONAL, Kind.EITHER, Kind.KEYWORD))) for _ in names),
        key=list(Kind).index,
    )
    parameters = []
    required = True
    for name, kind in zip(names, kinds, strict=True):
        wanted = draw(st.booleans())
        required = wanted if kind is Kind.KEYWORD else required and wanted
        parameters.append(Parameter(name=name, kind=kind, required=required))
    if draw(st.booleans()):
        place = sum(kind is not Kind.KEYWORD for kind in kinds)
        parameters.insert(place, Parameter(name="args", kind=Kind.REST))
    if draw(st.booleans()):
        parameters.append(Parameter(name="kwargs", kind=Kind.REST_KEYWORDS))
    return Signature(name="f()", parameters=tuple(parameters))


calls = st.builds(
    lambda count, names: [Argument()] * count + [Argument(keyword=name) for name in names],
    st.integers(0, 5),
    st.lists(st.sampled_from((*NAMES, "other")), max_size=4, unique=True),
)


def binds(signature: Signature, arguments: list[Argument]) -> bool:
    """The oracle: a function with that signature is made, and called."""
    parts = []
    kinds = [each.kind for each in signature.parameters]
    for index, each in enumerate(signature.parameters):
        if each.kind is Kind.KEYWORD and not {Kind.REST, Kind.KEYWORD} & set(kinds[:index]):
            parts.append("*")
        mark = {Kind.REST: "*", Kind.REST_KEYWORDS: "**"}.get(each.kind, "")
        default = "" if each.required or mark else "=None"
        parts.append(f"{mark}{each.name}{default}")
        if each.kind is Kind.POSITIONAL and Kind.POSITIONAL not in kinds[index + 1 :]:
            parts.append("/")
    function = eval(f"lambda {', '.join(parts)}: None")
    try:
        function(
            *(1 for each in arguments if not each.keyword),
            **{each.keyword: 1 for each in arguments if each.keyword},
        )
    except TypeError:
        return False
    return True


def extensions(signature: Signature, arguments: list[Argument]) -> list[list[Argument]]:
    """Every call that `arguments` may become; what a star stands for may be anything."""
    free = [each.name for each in signature.keywords]
    free = [name for name in free if name not in {each.keyword for each in arguments}]
    return [
        [*[Argument()] * count, *arguments, *(Argument(keyword=name) for name in names)]
        for count in range(6)
        for size in range(len(free) + 1)
        for names in itertools.combinations(free, size)
    ]


@given(signatures(), calls)
@settings(max_examples=400, deadline=None)
def test_a_whole_call_is_taken_exactly_if_cpython_binds_it(
    signature: Signature, arguments: list[Argument]
) -> None:
    assert (fault(signature, arguments, whole=True) == "") == binds(signature, arguments)


@given(signatures(), calls)
@settings(max_examples=200, deadline=None)
def test_a_call_is_given_up_only_if_no_further_argument_mends_it(
    signature: Signature, arguments: list[Argument]
) -> None:
    mended = any(binds(signature, each) for each in extensions(signature, arguments))
    assert (fault(signature, arguments, whole=False) == "") == mended


@given(signatures(), calls, st.integers(0, 3), st.lists(st.sampled_from(NAMES), unique=True))
@settings(max_examples=300, deadline=None)
def test_stars_may_stand_for_nothing_and_for_whatever_is_missing(
    signature: Signature, arguments: list[Argument], count: int, names: list[str]
) -> None:
    spelled = [a for a in arguments if not a.keyword] + [Argument()] * count
    given_names = {each.keyword for each in arguments}
    spelled += [each for each in arguments if each.keyword]
    spelled += [Argument(keyword=name) for name in names if name not in given_names]
    starred = [a for a in arguments if not a.keyword] + [Argument(star="*")]
    starred += [*(a for a in arguments if a.keyword), Argument(star="**")]
    if binds(signature, spelled):
        assert fault(signature, starred, whole=True) == ""


@given(signatures(), st.integers(0, 4))
def test_the_parameter_of_an_argument_is_the_one_that_cpython_gives_it_to(
    signature: Signature, count: int
) -> None:
    arguments = [Argument()] * (count + 1)
    if fault(signature, arguments, whole=False):
        return
    call = ast.parse(f"f({', '.join('a' * len(arguments))})", mode="eval").body
    assert isinstance(call, ast.Call)
    taken = passed(call, signature)
    found = taken[-1][1] if taken else None
    positional = signature.positional
    expected = positional[count] if count < len(positional) else signature.rest(Kind.REST)
    assert found == expected


def test_what_is_wrong_is_said_in_an_authors_words() -> None:
    signature = Signature(
        name="run()",
        parameters=(
            Parameter(name="a", kind=Kind.POSITIONAL, required=True),
            Parameter(name="b", kind=Kind.EITHER, required=True),
            Parameter(name="check", kind=Kind.KEYWORD),
        ),
    )

    def said(call: str) -> str:
        node = ast.parse(call, mode="eval").body
        assert isinstance(node, ast.Call)
        arguments = [Argument(star="*" if isinstance(a, ast.Starred) else "") for a in node.args]
        arguments += [Argument(k.arg or "", "" if k.arg else "**") for k in node.keywords]
        return fault(signature, arguments, whole=True)

    assert said("f(1, chek=2)") == "run() has no parameter 'chek'"
    assert said("f(a=1)") == "run() takes 'a' by position only"
    assert said("f(1, 2, b=3)") == "'b' is given twice"
    assert said("f(1, 2, 3)") == "run() takes at most 2 arguments"
    assert said("f(1)") == "run() needs 'b'"
    assert said("f(*x)") == said("f(1, **x)") == said("f(1, 2, check=3)") == ""


def test_the_keywords_that_are_left_are_offered_in_order() -> None:
    signature = Signature(
        name="run()",
        parameters=tuple(Parameter(name=name, kind=Kind.EITHER) for name in ("b", "a", "c")),
    )
    assert keywords_left([signature], [Argument(), Argument(keyword="c")]) == ("a",)
