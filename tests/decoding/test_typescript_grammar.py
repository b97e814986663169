"""TypeScript by grammar: what authors write is taken whole, what cannot stand dies early."""

from __future__ import annotations

import pytest

from tenon.constraints.grammar import grammar_for
from tenon.decoding.matcher import Grammars, Matcher
from tenon.syntax.context import Frame
from tenon.syntax.typescript import TypeScriptSyntax
from tenon.text import Document

FRAME = Frame(opening="", closing="", indents=("",), unit="  ", statement=0)


@pytest.fixture(scope="session")
def grammars(vocabulary) -> Grammars:
    return Grammars(vocabulary)


@pytest.fixture
def matcher(grammars) -> Matcher:
    return grammars.matcher(grammar_for("typescript", FRAME))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// only a comment",
        "#!/usr/bin/env node\nfoo()\n",
        "a\nb\n",
        "a\n  // why\n  + b",
        "a\n/ b / c",
        "a++\nconst b = 1",
        "a\n++b",
        "let x = a!.b!\n!c",
        "index\nin_ = 1; instanceofX",
        "x in(y) && x instanceof Y\nindex = 1",
        "if (x) return\n\nconst y = `a${b + `c${{ d: 1 }.d}`}e`\n/re/g.test(x)",
        "return /[/\\]]\\/+/u.test(a) ? b / c : d",
        "if (a) b; else if (c) d\nelse { e }",
        "a >>= 3; b >>> 2 >= 4, c << 1 <= 2",
        "const m: Map<string, Array<Array<number>>> = new Map<string, Array<Array<number>>>()",
        "for (const x of y) { if (x in z) continue; else break }",
        "for (let i = 0, n = 3; i < n; i++);\nfor (;;) {}\nfor (const k in o) f(k)",
        "outer: for await (const x of y) { break outer }",
        "do x; while (y)\ndo { x } while (y) z()",
        "switch (a) {\n  case 1: foo()\n  case 2:\n  default: bar()\n}",
        "try { a } catch { b } finally { c }\ntry { a } catch ({ message }: any) {}",
        "var f = function* () { yield\n yield* a; const b = yield c }",
        "export default { a, b: 1, c() {}, async d() {}, get e() { return 1 }, [f]: 2, ...g }",
        "x = { if: 3, 'a b': 4, 5: 6, set c(d) {}, get, async, }",
        "({ a, b: [c = 1] } = d);[e, , ...f] = g",
        "const { a, b: { c = 1 }, 'd': e, ...f } = g, [h, , i = 2] = j",
        "const f = async <T,>(x: T, { y }: Z = {}): Promise<T> => { return x as const }",
        "const f = x => y => ({ z: 1 }), g = async x => await x",
        "x as any as B<C> | D\nconst y = <T>z satisfies U",
        "a?.b?.[c]?.(d)?.<E>(f) ?? g",
        "import a, { type B as C, default as d } from 'x'\nimport type E from 'y'",
        "import e from 'y' with { type: 'json' }",
        "import x = require('y'); import z = A.B.C; import 'w'; await import('v')",
        "export * as d from 'y'\nexport * from 'z'\nexport type { E } from 'e'",
        "export { f as g }\nfoo()",
        "export = x; export as namespace Y",
        "declare module 'x' { const a: number; export default a }\ndeclare global { var b }",
        "namespace A.B { export const c = 1 }",
        "export const enum A { B = 1 << 0, 'C', D = B | 2, }",
        "type M = { readonly [K in keyof T as `a${K}`]-?: T[K] } & { [key: string]: unknown }",
        "type A<in out T, const U = any> =\n  | T extends [infer H extends string, ...infer R]\n"
        "  ? H : never\n  | 'b'",
        "type F = new (...a: any[]) => void; type G = abstract new () => (a?: b) => a is c",
        "type T = [a: string, b?: number, ...c: x[]] | typeof import('x') | unique symbol | -1",
        "interface B<T> extends C<T>, D {\n  a: string\n  [k: string]: x\n  (a): b\n"
        "  new (x: y): z\n"
        "  get e(): f\n  readonly g?: h, i<J>(k: J): l\n}",
        "function assert(x: unknown): asserts x is string\nfunction assert(this: Foo, x?: any) {}",
        "abstract class A { abstract foo(): void; abstract bar: string }",
        "class A<T> extends b(C)<T> implements D, E {\n  static #x = 1\n"
        "  private readonly y?: string\n"
        "  constructor(private a: number, @In() public b = 2) { super() }\n  @dec() foo!: X\n"
        "  [key: string]: any\n  static { this.#x }\n  get\n  static async *gen<T>(): G<T> {}\n"
        "  accessor z = 1; declare w: V; override v() {}\n  if() {}\n}",
        "@Foo({}) @bar.baz\nexport default class X {}",
        "expectType<{\n  a: Ref<number>\n  b: string\n}>(c)",
        "new.target; import.meta.url; new (foo())(); new Foo",
        "const big = 1_000n + 0xffn + .5e-3 + 1.",
        "naïve = 'é' + \"\\\"\" + `\\`$`",
    ],
)
def test_typescript_is_taken_whole(matcher, text) -> None:
    assert matcher.feed(text)
    assert matcher.closes([])


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a b", 2),
        ("foo(a b", 6),
        ("foo(a;", 5),
        ("[a}", 2),
        ("const = 1", 6),
        ("const x = ;", 10),
        ("let x: = 1", 7),
        ("if x", 3),
        ("}", 0),
        ("a ? b ; c", 6),
        ("class { foo() } }", 16),
        ("import { a b } from 'c'", 11),
        ("'a\n", 2),
        ("x = )", 4),
        ("x.1", 2),
        ("while () {}", 7),
    ],
)
def test_what_is_not_typescript_dies_where_it_goes_wrong(matcher, text, at) -> None:
    for position, character in enumerate(text):
        if not matcher.feed(character):
            assert position == at
            return
    pytest.fail("nothing was refused")


@pytest.mark.parametrize(
    "text", ["foo(a", "if (x) {", "const x =", "`a${b", "class A", "x as", "/* a"]
)
def test_what_is_not_over_cannot_end(matcher, text) -> None:
    assert matcher.feed(text)
    assert not matcher.closes([])


def test_a_text_closes_with_what_follows_it(matcher, vocabulary) -> None:
    assert matcher.feed("function f(a: string) {\n  return foo({ b: [a")
    assert matcher.closes(vocabulary.tokens("] }, a);\n}\n"))
    assert not matcher.closes(vocabulary.tokens("] , a);\n}\n"))


CODE = """\
import { a, type B } from "b"

export class Counter<T> extends Base<T> {
  private counts: Map<string, number> = new Map<string, number>()

  add(key: string, by = 1): this {
    if (!key) return this
    const count = this.counts.get(key) ?? 0
    this.counts.set(key, count + by)
    switch (by) {
      case 1: this.log(`${key}: ${[1, 2].map((x) => x * 2).join()}`); break
      default: throw new Error("many")
    }
    return this
  }
}
"""


def test_every_hole_in_a_line_takes_the_authors_text_and_closes(matcher, vocabulary) -> None:
    syntax = TypeScriptSyntax(types=True)
    refused = []
    begin = 0
    for line in CODE.splitlines(keepends=True):
        for cut in range(0, len(line), 3):
            offset, end = begin + cut, begin + len(line) - 1
            text = CODE[:offset] + CODE[end:]
            document = Document(uri="file:///a.ts", version=1, text=text, language="typescript")
            frame = syntax.context(document, offset).frame
            assert frame is not None
            standing = matcher.copy()
            fed = standing.feed(frame.opening) and standing.feed(CODE[offset:end])
            if not fed or not standing.closes(vocabulary.tokens(frame.closing)):
                refused.append((CODE[begin:offset], CODE[offset:end], frame))
        begin += len(line)
    assert refused == []
