"""Pieces: what short Python is made of."""

from __future__ import annotations

from tenon.syntax.pieces import Pieces

PIECES = Pieces(
    endings=(
        *("0", "_", "pass", "None", "''", ":", "return", "*", "annotations", "else:", "try:"),
        *("except: pass", "finally: pass", "case _: pass", "def _(): pass", "if 0:", "except:"),
        *("finally:", "while 0:", "for _ in ():", "class _:", "def _():", "def _()", "case _:"),
        *("elif 0:", "lambda: 0", "yield", "raise", "'_'", "**_", "await 0", ". import _"),
        *("(self):", "():", "in ():", "_ in ():", "else 0", "in ()", "(0)", "as _:"),
    ),
    of_names=("{}", "{} = 0"),
    links=(
        *(", ", ": ", " = ", "=", " or ", ".", " in ", " if ", " else ", " as ", " import ", ";"),
        *("(", "[", "{", " + ", " for _ in ", "if ", "elif ", "while ", "with ", "for _ in "),
        *("except ", "except (", "def ", "def _(", "class _(", "class ", "async def ", "_("),
        *("return ", "from ", "import ", "_ = ", "_.", "lambda ", "for ", "@", "*", "**", "not "),
        *("yield ", "await ", "async ", "global ", "del ", "match ", "case "),
        *("type _ = ", " := "),
        *(" = (", " = [", " = {", "raise ", "assert ", "{0: ", "(0, ", "if (", "with ("),
        *("for _ in (", "_ = (", "_ = {"),
    ),
    beginnings=(
        *("0", "_", "0 =", "0 if", "_: 0", "None", "*", "()", "else", "in ()", "import", "if"),
        *("def", "class", "= 0", "0:", "for", "-"),
    ),
    words=(
        *("__name__", "unicode_literals", "print_function", "division", "absolute_import"),
        *("generators", "nested_scopes", "with_statement", "False", "True", "continue", "break"),
        *("finally", "nonlocal", "except", "lambda", "assert", "global"),
    ),
)
