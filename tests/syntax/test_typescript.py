"""The frame of a hole in TypeScript: small, and exact about what may stand in it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.syntax.context import CursorContext, Frame, Role
from tenon.syntax.languages import Languages
from tenon.syntax.typescript import TypeScriptSyntax
from tenon.syntax.typescript.levels import before
from tenon.syntax.typescript.standing import stand_ins
from tenon.text import Document

TYPESCRIPT = TypeScriptSyntax(types=True)
JAVASCRIPT = TypeScriptSyntax(types=False)
SAMPLE = """\
import { readFile, type Stats } from "node:fs/promises"
import path from "node:path";

export interface Entry<T = string> {
  readonly name: T
  size?: number;
  visit(depth: number, ...rest: Array<Map<string, T>>): void
}

const enum Colour { Red = 1, Green, "deep blue" }

type Deep<T> = T extends (infer U)[]
  ? Deep<U>
  : { readonly [K in keyof T as `on${K & string}`]?: T[K] }

@sealed({ strict: true })
export abstract class Store<T extends Entry> extends Base<T> implements Iterable<T> {
  static #count = 0
  private cache = new Map<string, Array<T>>()

  constructor(private readonly root: string, public depth = 2) {
    super(root)
    this.cache.set("a", [])
  }

  async *load(pattern: RegExp = /[/]\\d+/g): AsyncGenerator<T> {
    for await (const entry of this.walk({ deep: true, limit: 3 })) {
      if (!pattern.test(entry.name)) continue
      else if (entry.size! > 10) {
        yield entry as T
      } else {
        throw new Error(`too small: ${entry.name + `(${entry.size ?? 0})`}`)
      }
    }
  }

  get size(): number { return this.cache.size }
  protected abstract walk(options: { deep: boolean; limit: number }): AsyncIterable<T>
}

export function pick(key: string, from: Record<string, unknown>): unknown {
  let found
  switch (key) {
    case "name":
      found = from.name
      break
    default: {
      const parts = key.split(".").map((part, index) => ({ part, index }))
      found = parts.reduce<unknown>((value, { part }) => (value as any)?.[part], from)
    }
  }
  try {
    JSON.stringify(found)
  } catch (error: unknown) {
    return undefined
  } finally {
    done()
  }
  const ratio = found ? 4 / 2 : 1 / 3
  return typeof found === "string" && found.length
    ? found
        .trim()
        .split(/\\s+/)
    : ratio
}

export default { pick, Colour, path: path.join(".", "x"), async run() { await pick("a", {}) } }
"""


def document(text: str, uri: str = "file:///a.ts") -> Document:
    return Document(uri=uri, version=1, text=text, language="typescript")


def at(marked: str, syntax: TypeScriptSyntax = TYPESCRIPT) -> CursorContext:
    prefix, cursor, suffix = marked.partition("<|>")
    assert cursor and "<|>" not in suffix
    return syntax.context(document(prefix + suffix), len(prefix))


def filled(frame: Frame | None, completion: str) -> str:
    assert frame is not None
    return frame.opening + completion + frame.closing


def framed(marked: str, completion: str, syntax: TypeScriptSyntax = TYPESCRIPT) -> bool:
    context = at(marked, syntax)
    return syntax.judge(context)(filled(context.frame, completion))


@pytest.mark.parametrize(
    ("marked", "fits", "does_not"),
    [
        ("const x = <|>", "1", ")"),
        ("const x = foo(<|>)", "a, b", "a b"),
        ("const x = foo(a, <|>);\nbar();\n", "b", "b)"),
        ("const x = foo(a, <|>\nbar();\n", "b)", "b"),
        ("function f() {\n  foo(a, <|>\n  bar();\n}\n", "b);", "b"),
        ("function f() {\n  if (x) {<|>\n  bar();\n}\n", "\n    y();\n  }", "\n    y();"),
        ("function f() {\n  <|>\n  return 1;\n}\n", "if (x) y();", "if (x) {"),
        ("if (x) {\n  y()\n} <|>\nz()", "else { w() }", "else {"),
        ("try {\n  y()\n}<|>\n", " finally { w() }", " finally {"),
        ("try {\n  <|>\n} catch {\n}\n", "y()", "y("),
        ("const o = {\n  a: 1,\n  <|>\n  b: 2,\n};\n", "c: 3,", "c: 3"),
        ("const o = { a: 1, <|> };\n", "b() { return 1 }", "b c"),
        ("enum E {\n  A = 1,\n  <|>\n}\n", "B,", "B;"),
        ("class A {\n  b = 1\n  <|>\n  c() {}\n}\n", "get d(): number { return 1 }", "return 1"),
        ("interface A {\n  b: string\n  <|>\n}\n", "[key: string]: any", "= 2"),
        ("switch (x) {\n  case 1:\n    y();\n    <|>\n}\n", "break;\n  default: z()", "case z"),
        ("const s = `a${<|>}b`;\n", "x + `c${y}`", "x ]"),
        ('const s = "a<|>";\n', "b", 'b"'),
        ('const s = "a<|>\nconst t = 1;\n', 'b";', "b"),
        ("import { a, <|> } from 'b';\n", "type C as D", "C D"),
        ("const x: Map<string, <|>> = y;\n", "Array<number>", "Array<number"),
        ("for (let i = 0; <|>; i++) {\n  x();\n}\n", "i < 3", "i <"),
        ("const f = (a: string, <|>) => a;\n", "b?: number", "b: "),
        ("a\n  .b()\n  <|>\nc();\n", ".d()", ". ."),
        ("@Module({\n  imports: [<|>],\n})\nexport class X {}\n", "A, B", "A B"),
        ("const n = cond\n  ? <|>\n  : b\n", "a", "a ?"),
        ("return_(/[/]<|>/g)\n", "x", "/ (")
    ],
)
def test_the_frame_takes_what_the_buffer_takes(marked, fits, does_not) -> None:
    assert framed(marked, fits)
    assert not framed(marked, does_not)


def test_what_is_broken_elsewhere_does_not_matter() -> None:
    marked = "const = ;\nfoo(;\n\nfunction f() {\n  return <|>;\n}\n\nclass {{ ]\n"
    assert framed(marked, "a + b")
    assert not framed(marked, "a +")


def test_a_statement_before_that_was_left_open_does_not_swallow_the_next() -> None:
    assert framed("foo(\nconst x = 1;\nconst y = <|>;\n", "2")


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ("foo.b<|>", Role.ATTRIBUTE),
        ("foo?.<|>", Role.ATTRIBUTE),
        ("foo(a, <|>)", Role.ARGUMENT),
        ("if (<|>) {}", Role.OPERAND),
        ("function f() {\n  a();\n  <|>\n}", Role.STATEMENT),
        ("a()\n<|>", Role.STATEMENT),
        ("const x = <|>", Role.OPERAND),
        ('const x = "<|>"', Role.STRING),
        ("const x = `a<|>`", Role.STRING),
        ("const x = `a${<|>}`", Role.OPERAND),
        ("a(); // why<|>\nb()", Role.COMMENT),
        ("/* why<|>\n */ b()", Role.COMMENT),
        ('a("http://x") + <|>', Role.OPERAND),
    ],
)
def test_the_role_is_what_the_cursor_stands_in(marked, role) -> None:
    assert at(marked).role is role


def test_types_are_no_javascript() -> None:
    assert framed("let x<|> = 1;", ": number")
    assert not framed("let x<|> = 1;", ": number", JAVASCRIPT)
    assert framed("let x = <|>;", "(a, { b }) => `${a}`?.[b]", JAVASCRIPT)


def test_a_huge_buffer_has_a_small_frame() -> None:
    part = "export function f%d(a: number) {\n  foo(a, [1]);\n  return bar({ a: x });\n}\n"
    text = "".join(part % number for number in range(3_000))
    cut = text.index("bar({", len(text) // 2) + len("bar({")
    context = at(text[:cut] + "<|>" + text[cut:])
    assert context.frame is not None
    assert len(context.frame.opening + context.frame.closing) < 200
    assert TYPESCRIPT.judge(context)(filled(context.frame, " b, "))
    assert TYPESCRIPT.confirms(context, " b, ")


def test_the_buffer_confirms_what_leaves_it_no_worse() -> None:
    sound = at("const x = foo(<|>);\n")
    assert TYPESCRIPT.confirms(sound, "a")
    assert not TYPESCRIPT.confirms(sound, "a b")
    broken = at("const = ;\nconst x = foo(<|>);\n")
    assert TYPESCRIPT.confirms(broken, "a")
    assert not TYPESCRIPT.confirms(broken, "a))")


@pytest.mark.parametrize(
    ("marked", "bad"),
    [
        # A brace and a header are gone, and what is put there opens something else.
        (
            "function f(a) {\n  for (const b of a) {\n    c();\n    continue<|>D) {\n"
            "      if (!b) continue;\n      e(b);\n    }\n  }\n}\n",
            ";}}\n  switch (",
        ),
        (
            "export default g({\n  name: (a, b) => {\n    const c = b ? 1 : 2;\n"
            "    retur<|>x-${a}-${c}.png`;\n  },\n  size: 1\n});\n",
            "n}})  // ",
        ),
    ],
)
def test_a_buffer_that_is_whole_but_for_the_line_at_the_cursor_has_to_parse(
    marked: str, bad: str
) -> None:
    context = at(marked)
    assert not TYPESCRIPT.confirms(context, bad)
    elsewhere = at(marked + "const = ;\n")
    assert TYPESCRIPT.judge(elsewhere)("a()\n")


def test_a_plain_line_closes_what_is_open_above_it_and_opens_what_is_closed_below() -> None:
    assert list(stand_ins("f(() => {\n  a\n  c", "d\n  b\n});\n")) == [
        "f(() => {\n  a\n\n  b\n});\n"
    ]
    assert "if (0) {" in next(iter(stand_ins("a", "b\n  c\n}\n")))
    assert "})" in next(iter(stand_ins("f(() => {\n  a", "\nb\n")))
    assert list(stand_ins("a" * 50_000, "")) == []



def test_both_languages_are_entries() -> None:
    assert isinstance(Languages().syntax("typescript"), TypeScriptSyntax)
    assert isinstance(Languages().syntax("javascript"), TypeScriptSyntax)


@pytest.mark.parametrize("whole_lines", [False, True])
def test_a_hole_in_code_takes_the_authors_text_back(whole_lines) -> None:
    assert TYPESCRIPT.parses(SAMPLE)
    refused = [hole[1] for hole in holes(SAMPLE, 400, whole_lines) if not takes_back(*hole)]
    assert refused == []


def test_holes_in_real_code_take_the_authors_text_back() -> None:
    """Where the sources of the editor's dependencies are at hand: at least 99.5 %."""
    folder = Path(__file__).parents[2] / "editors" / "vscode"
    files = sorted(path for path in folder.rglob("*.ts") if 500 < path.stat().st_size < 40_000)
    if len(files) < 100:
        pytest.skip("no third-party TypeScript here")
    rng = random.Random(3)
    tried, refused = 0, []
    for path in rng.sample(files, 120):
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        if TYPESCRIPT.parses(text):
            for hole in holes(text, 4, False):
                tried += 1
                if not takes_back(*hole):
                    refused.append((path.name, len(hole[0]), hole[1]))
    assert tried > 200
    assert len(refused) <= tried * 0.005, refused


def holes(text: str, count: int, to_line_end: bool) -> list[tuple[str, str, str]]:
    """Holes within a line whose text leaves no string, template or comment that it enters."""
    rng = random.Random(len(text))
    found = []
    for _ in range(count):
        start = rng.randrange(len(text))
        line_end = (text + "\n").find("\n", start)
        end = line_end if to_line_end else rng.randint(start, line_end)
        if hidden(text[:start]) == hidden(text[:end]):
            found.append((text[:start], text[start:end], text[end:]))
    return found


def hidden(prefix: str) -> tuple[str, int]:
    place = before(prefix)
    return place.inside, sum(level.bracket in ("`", "${") for level in place.levels)


def takes_back(prefix: str, author: str, suffix: str) -> bool:
    context = TYPESCRIPT.context(document(prefix + suffix), len(prefix))
    return TYPESCRIPT.judge(context)(filled(context.frame, author))


@given(
    st.integers(0, len(SAMPLE)), st.integers(0, 40), st.text(alphabet="a{}()`$;\n'", max_size=4)
)
@settings(deadline=None)
def test_what_is_remembered_of_a_buffer_changes_no_frame(cut, width, typed) -> None:
    text = SAMPLE * 20
    syntax = TypeScriptSyntax(types=True)
    syntax.context(document(text), len(text))
    cut += len(SAMPLE) * 15
    edited = text[:cut] + typed + text[cut + width :]
    offset = cut + len(typed)
    fresh = TypeScriptSyntax(types=True).context(document(edited), offset)
    assert syntax.context(document(edited), offset) == fresh


@given(
    st.lists(
        st.sampled_from(
            [*"{}[]()<>;:,.`'\"/\\\n =a", "${", "//", "/*", "*/", "case", "for", "import"]
        ),
        max_size=40,
    ).map("".join),
    st.integers(0, 60),
)
@settings(deadline=None)
def test_broken_text_never_raises(text: str, cut: int) -> None:
    for syntax in (TYPESCRIPT, JAVASCRIPT):
        context = syntax.context(document(text), cut)
        assert context.frame is not None
        syntax.judge(context)(filled(context.frame, "x"))
        syntax.confirms(context, "x")
