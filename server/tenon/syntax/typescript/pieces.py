"""Pieces: what short TypeScript and JavaScript are made of."""

from __future__ import annotations

from tenon.syntax.pieces import Pieces

PIECES = Pieces(
    endings=(
        *("0", "_", "null", "''", ":", ";", "return", "{}", "() => 0", "*", "break;", "catch {}"),
        *("finally {}", "else", "this", "case 0:", "default:", "string", "import _ from '_'"),
        *(" {", "() {", "() => {", "else {", "try {", "if (0) {", "() {}", " from '_';", ": 0"),
    ),
    links=(
        *(", ", ": ", " = ", " => ", " || ", ".", " in ", " of ", " ? ", " as ", " from ", "; "),
        *("(", "[", "{", " + ", "if (", "else if (", "while (", "for (", "switch (", "catch (_"),
        *("function _(", "function ", "class ", "class _ extends ", "const _ = ", "const ", "let "),
        *("return ", "import ", "import {", "export ", "new ", "typeof ", "await ", "async ", "!"),
        *(", () => {", " => {", " = {", " = [", ": {", ": [", " from '_'", " from '_';", "}"),
        *("});",),
        *("type _ = ", "interface ", "<", "_(", "_ = ", "_.", "...", "`", "${", "{_: ", "(_) => "),
    ),
    beginnings=("0", "_", "_: 0", "0 =", "() =>", "function", "class", "const", "= 0", "if (0)"),
    words=("undefined", "function", "constructor", "interface", "export", "default", "instanceof"),
)
