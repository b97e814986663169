"""What the Python grammar takes and refuses, as lists to read.

A refused text has ✖ before the character at which it dies: up to there it could still have
become a module, and with that character it no longer can.
"""

from __future__ import annotations

ACCEPTED = {
    "modules": [
        "",
        "\n",
        "# a comment and no new line",
        '"""A docstring."""\n\n\n# and a comment\nx\n',
        "\n\n  \n\x0c\nx = 1\n\x0c\ndef f(): ...\n",
        "x = 1",
        "x = 1   ",
        "x = 1; y = 2;\n",
        "...\n",
        "if x:\n    # deeper\n\n  # anywhere\n    y\n\n  \n# e\nelse:\n    z",
        "if x: pass; pass\nelif y: pass\nelse: pass\n",
        "x = 1 + \\\n  2\nif x \\\n   and y: pass\n",
        "x = (1  # why\n   +\n\n 2)\n",
        "if x:\n    y\n    # trailing\n",
    ],
    "soft keywords are names": [
        "match = case = type = _ = 1\n",
        "match(x)\nmatch[x] = 1\nmatch.x\nmatch, case = type\n",
        "type(x)\ntype: int = 3\ncase(x)\n",
        "print(match, case=type)\n",
    ],
    "words beside operators": [
        "notx\n",
        "x = nota and(b)or[c]\n",
        "x in(1, 2) is not(y)not in[z]\n",
        "x = a if(b)else(c)\n",
        "print(1if x else 2)\n",
        "a = b if not c else lambda: d\n",
        "x not in y is not z\n",
        "x not\\\n in y\n",
        "[x for(x)in(y)if(z)]\n",
        "not(x)\n",
        "awaited, not_, in_, lambda_ = 1, 2, 3, 4\n",
    ],
    "expressions": [
        "x = -1 ** +2 @ ~a // b << 3 | c ^ d & e\n",
        "0x1F + 0b1 + 0o17 + 1_000 + 1.5e-3j + .5 + 1. + 00 + 1e5\n",
        "a.b(c)[d].e\n",
        "x[a:b, ::c, *d, e:=f]\n",
        "x[:]\nx[::]\nx[1:]\n",
        "()\n[]\n{}\n",
        "(a, *b, c := d)\n[*a, b := c,]\n{*a, b}\n",
        '{**a, "b": c, **d,}\n',
        "{a: b for a, *b in c if d if e for f in g}\n",
        "(x for x, in y)\n",
        (
            "lambda: (yield)\nlambda *a, b=1, **k: 0\nlambda a, /, b=2, *, c, d=3: 0\n"
            "lambda a=1, /: 0\n"
        ),
        "f(x for x in y)\n",
        "f(x := 1, *a, b, *c, d=1, *e, **g, h=2,)\n",
        "(x := 1)\n",
    ],
    "statements": [
        "a = b, *c = d = yield_\n",
        "a, *b = c\n[a, [*b]] = (c, (d, e)) = f\n[*a] = b\n",
        "a.b += 1\na[0] //= b, c\n(a) = 1\n",
        "x: int\nx: int = 1, 2\na.b: int = 3\n(x): int\n",
        "del a, b[0], (c.d), [e]\n",
        "assert a, b\n",
        "raise A from b\nraise\n",
        (
            "import a.b as c, d\nfrom . import (a as b, c,)\nfrom .a.b import *\n"
            "from ... import x\nfrom.x import y\n"
        ),
        "for a, *b in c, *d: pass\nelse: pass\n",
        "while x := f(): break\n",
        "@a.b(c)[0]\n@d\nclass A(B, metaclass=C): ...\n",
        "with a as b, c as (d, e): pass\n",
        (
            "with (open(a) as b, open(c) as d,): pass\nwith (a): pass\nwith (a, b): pass\n"
            "with (a).b as c: pass\n"
        ),
        (
            "try: pass\nexcept A as e: pass\nexcept (B, C): pass\nexcept: pass\nelse: pass\n"
            "finally: pass\n"
        ),
        "try:\n    pass\nexcept :\n    pass\n",
        "try: pass\nfinally: pass\n",
        "try: pass\nexcept* A as e: pass\nexcept *B: pass\n",
    ],
    "functions": [
        "def f(): return\n",
        "def f(a, b=1, /, c=2, *d: int, e, f=3, **g) -> int: ...\n",
        "def f(a, /, b, *, c): ...\n",
        "def f(a: int = 1, *, b,): ...\n",
        "def f(*args: *Ts): ...\n",
        (
            "def f():\n    global a, b\n    x = yield y\n    (yield)\n    yield from z\n"
            "    return *a, b\n"
        ),
        (
            "async def f():\n    async for x in y: await z\n    async with a as b, c: pass\n"
            "    return [x async for x in y]\n"
        ),
        "def f():\n    def g():\n        nonlocal_ = 1\n    return g\n",
    ],
    "match": [
        "match x:\n    case 1: pass\n    case _: pass\n",
        "match x, y:\n    case 1, 2: pass\n    case a, *b: pass\n",
        "match -x:\n    case -1: pass\n    case -1 + 2j | 3: pass\n",
        (
            'match *a, b:\n    case(1): pass\n    case[a]: pass\n    case"x" "y": pass\n'
            '    case{}: pass\n'
        ),
        (
            'match (x):\n    case {"a": 1, b.c: d, **rest}: pass\n    case A(): pass\n'
            '    case b.A(x, y=1): pass\n'
        ),
        "match x:\n    case [y] | y: pass\n",
        (
            "match x:\n    case y if y > 1: pass\n    case str() as y: pass\n"
            "    case (1 | 2) as z: pass\n    case [1, [_, *_]] | None | True: pass\n"
            "    case x: pass\n"
        ),
    ],
    "strings": [
        r'"\n\x41\u1234\U0001F600\N{EM DASH}\1\d" ' + "'\\''\n",
        '"""a "quote" \\""" and ""two\n"""\n',
        "''\n\"\"\n''''''\n\"\" \"a\"\n",
        'u"x" R"\\d\\" "\n',
        'b"a" rb\'\\d\' BR"" b"""\n"""\n',
        "'a\\\nb'\n",
        '"é" + "日本"\nnaïve = 日本 = 1\n',
    ],
    "f-strings": [
        'f""\nf\'\' f"{{}}" "a"\n',
        "f\"{x!r:>{w}.{p}} {y=} {z = !s:5}\" f'{a[\"b\"]}'\n",
        'f"{x:%H:%M}{a != b}{c == d}{e <= f}{g if h else i}"\n',
        'f"""a "{x}" ""\'{y:>5}\n"""\n',
        "f'''{\nx\n}'''\n",
        'rf"\\d{x:\\d{y}}" fr"\\{x}" f"\\N{EM DASH}{x}\\n"\n',
        "f'{ {1: 2}[1] }{x:=5}{(lambda: 1)}'\n",
        'f"{*a, b}{c,}"\n',
    ],
}
"""What every Python from 3.11 on compiles."""

ACCEPTED_SINCE = {
    (3, 12): [
        "type X = int\ntype Y[T: int, *Ts, **P] = T\n",
        "def f[T](x: T) -> T: ...\nclass A[T: (int, str)](B[T]): ...\n",
        'f"{"nested"}{\'\\n\'}{x  # why\n}"\n',
    ],
    (3, 13): [
        "type X[T = int, *Ts = *tuple[int], **P = [int]] = int\n",
        "class A[T: int = bool]: ...\n",
    ],
    (3, 14): [
        "try: pass\nexcept A, B: pass\n",
        't"{x!r:>{w}}" rt\'\' tR"""{y}"""\n',
    ],
}

REFUSED = {
    "expressions": [
        "x ✖y",
        "a in✖b",
        "a not ✖b",
        "x if yelse ✖z",
        "1if x else✖2",
        "f(a ✖b)",
        "f(a=1, b✖)",
        "f(**k, *✖a)",
        "f(x for x in y✖, 1)",
        "f(a, x ✖for x in y)",
        "{**a ✖for a in b}",
        "{a: b, c✖}",
        "[x for 1 ✖in y]",
        "x = ✖)",
        "(*a✖)",
        "x[1 ✖2]",
        "lambda x=1, y✖: 2",
        "lambda *✖: 0",
        "a + not✖ b",
        "a = ✖= b",
        "a ✖? b",
        "a.✖1",
        "a = 1_✖;",
    ],
    "statements": [
        "f() =✖ 1",
        "1 =✖ x",
        "None =✖ 1",
        "a + b =✖ 1",
        "x :✖= 1",
        "x = y ✖:= 1",
        "a = *b✖\n",
        "*a✖\n",
        "x: int✖: str",
        "a += b +✖= c",
        "(a, b) +✖= 1",
        "x = yield ✖= 1",
        "return x ✖:= 1",
        "del f()✖\n",
        "del ✖*a",
        "for f() ✖in x: pass",
        "with a as f()✖: pass",
        "import a.b as c✖.d",
        "from a import✖b",
        "from a import b,✖\n",
        "from . import (✖)",
        "global a✖.b",
        "@a\n✖x = 1",
        "@a\nclass✖t ",
        "async def✖f(): pass",
        "def f(a=1, b✖): pass",
        "def f(*✖): pass",
        "def f(*, ✖*",
        "def f(a, /, b, ✖/",
        "def f(**k, ✖a): pass",
        "class A(✖: pass",
        "else✖: pass",
        "type X✖\n",
        "try: pass\nexcept: pass\nexcept✖ A: pass",
        "try: pass\nexcept A: pass\nexcept✖* B: pass",
        "match x:\n    ✖pass",
        "match x:\n    case y:\n        pass\n    ✖case z:",
        "match x:\n    case f(a=1, b✖): pass",
        "match x:\n    case(a),✖,: pass",
        "with (a as b)✖, c: pass",
        "if x: pass\nelse: pass\nelif✖ y: pass",
        "if x: if✖ y: pass",
    ],
    "indentation": [
        "if x:\n✖y",
        "if x:\n    y\n  ✖z",
        "x = 1\n  ✖y = 2",
        "try:\n    x\n✖y",
        "while x:\n    y\n        ✖z",
    ],
    "strings": [
        '"a✖\n"',
        'b"✖é"',
        '"\\x4✖"',
        '"\\u12✖"',
        '"\\N✖"',
        'b"\\x4✖"',
        'f"{✖}"',
        'f"{x✖"',
        'f"{x}}✖"',
        'f"{x!✖q}"',
        'f"a" ✖b"c"',
        '"a" ✖b"c"',
        "x = 01✖;",
        "0x✖;",
        "1e✖;",
    ],
}

UNFINISHED = [
    "x = ",
    "(",
    "f(a, ",
    '"""a',
    "f'{x",
    "if x:",
    "if x:\n    ",
    "try:\n    x\n",
    "@a\n",
    "def f",
    "match x:\n",
    "x = 1 \\",
    "x = (  # why",
]
"""Alive, but no module as they stand."""

HOLES = [
    # What blocks owe: an empty one is none, and the completion may not take what follows.
    ("try:\n    ", "x()", "\nexcept E:\n    pass\n", True),
    ("try:\n    ", "", "\nexcept E:\n    pass\n", False),
    ("try:\n    ", "x()\nfinally:\n    y()", "\nexcept E:\n    pass\n", False),
    ("try:\n    ", "x()\nexcept F:\n    y()", "\nexcept E:\n    pass\n", True),
    ("try:\n    ", "x()\nexcept:\n    y()", "\nexcept E:\n    pass\n", False),
    ("if a:\n    ", "x()\nelse:\n    y()", "\n", True),
    ("if a:\n    ", "x()\nelse:\n    y()", "\nelse:\n    pass\n", False),
    ("if a:\n    ", "x()\nelif b:\n    y()", "\nelse:\n    pass\n", True),
    ("class A:\n    def f(self):\n        ", "pass\n    def g(self): ...", "\n", True),
    ("class A:\n    def f(self):\n        ", "pass\n  def g(self): ...", "\n", False),
    ("@a\n", "def f():\n    pass", "\n", True),
    ("@a\n", "f()", "\n", False),
    ("match x:\n    case 1:\n        ", "y()", "\n    case _:\n        pass\n", True),
    ("match x:\n    case ", "_:\n        y()", "\n    case _:\n        pass\n", False),
    # Within a line.
    ("f(a, ", "b=c", ")\n", True),
    ("f(a, ", "b) + g(c", ")\n", True),
    ("f(a, ", "b)", ")\n", False),
    ("f(a, ", "b=c", ", d)\n", False),
    ("x = [\n    a,\n    ", "b,  # why\n    c", "\n]\n", True),
    ("if ", "a and b", ":\n    pass\n", True),
    ("if ", "a: pass", ":\n    pass\n", False),
    ("", "a, b", " = c\n", True),
    ("", "a + b", " = c\n", False),
    ("", "f(a)[0].b", " += c\n", True),
    ("def f(a, ", "b=1", ", c=2): ...\n", True),
    ("def f(a, ", "b=1", ", c): ...\n", False),
    # Within a word, a string, a field, a comment.
    ("x = pri", "nt(y)", "\n", True),
    ("x = 'a", "b", "'\n", True),
    ("x = 'a", "b' + '", "'\n", True),
    ("x = 'a", "b'", "'\n", False),
    ("x = f'{", "a!r:>{b}", "}'\n", True),
    ("x = f'{", "a", "'\n", False),
    ("x = f'{a", ":", ">5}'\n", True),
    ("x = 1  # wh", "y (", "\n", True),
    ("x = (1,  # wh", "y (", "\n)\n", True),
    # On an empty indented line.
    ("if a:\n    b\n    ", "c", "\n", True),
    ("if a:\n    b\n    ", "", "\n", True),
    ("if a:\n    b\n    ", "    c", "\n", False),
    ("if a:\n    b\n", "c", "\n", True),
    ("if a:\n    b\n", "  c", "\n", False),
]
"""Before, completion, after: whether the completion fits between."""
