"""Where an import goes and how it is written: each case a file before and after."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenon.semantics.facts import Import
from tenon.service.imports import import_edits, imports_from, with_imports
from tenon.text import Document


def wanted(statement: str) -> Import:
    """The import that a statement says; what begins with a dot or `shop` is the workspace's."""
    words = statement.split()
    module = words[1]
    alias = words[words.index("as") + 1] if "as" in words else ""
    local = module.startswith((".", "shop"))
    standard = module.partition(".")[0] in sys.stdlib_module_names
    return Import(
        module=module,
        name=words[3] if words[0] == "from" else "",
        alias=alias,
        origin="workspace" if local else "standard" if standard else "installed",
    )


def check(before: str, statements: str, after: str) -> None:
    imports = [wanted(statement) for statement in statements.split("; ")]
    assert with_imports(before, imports) == after
    compile(after, "after", "exec")
    assert with_imports(after, imports) == after, "a second time nothing is added"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "import os\n"),
        ("x = 1\n", "import os\n\nx = 1\n"),
        ("def f(): ...\n", "import os\n\n\ndef f(): ...\n"),
        ("\n\nclass A: ...\n", "\nimport os\n\n\nclass A: ...\n"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport os\n'),
        ('"""Doc."""', '"""Doc."""\n\nimport os\n'),
        ('"""Doc.\n\nMore."""\nx = 1\n', '"""Doc.\n\nMore."""\n\nimport os\n\nx = 1\n'),
        (
            '"""Doc."""\n\n\ndef f(): ...\n',
            '"""Doc."""\n\nimport os\n\n\ndef f(): ...\n',
        ),
        (
            "from __future__ import annotations\n\nx = 1\n",
            "from __future__ import annotations\n\nimport os\n\nx = 1\n",
        ),
        ("#!/usr/bin/env python\nx = 1\n", "#!/usr/bin/env python\nimport os\n\nx = 1\n"),
        (
            "#!/usr/bin/env python\n# coding: utf-8\n\nx = 1\n",
            "#!/usr/bin/env python\n# coding: utf-8\n\nimport os\n\nx = 1\n",
        ),
        ("# Copyright.\n\nx = 1\n", "# Copyright.\n\nimport os\n\nx = 1\n"),
        ("# about x\nx = 1\n", "import os\n\n# about x\nx = 1\n"),
        ("if x:\n    import re\n", "import os\n\nif x:\n    import re\n"),
        ("def f():\n    import os\n", "import os\n\n\ndef f():\n    import os\n"),
    ],
)
def test_the_first_import_of_a_file_stands_where_imports_stand(before: str, after: str) -> None:
    check(before, "import os", after)


@pytest.mark.parametrize(
    "before",
    [
        "import os\n",
        "import re, os\n",
        "from a import b as os\n",
        "import os.path\n",
        "try:\n    import os\nexcept ImportError:\n    os = None\n",
        "if TYPE_CHECKING:\n    import os\n",
        "os = None\n",
        "def os(): ...\n",
    ],
)
def test_what_the_file_binds_already_is_not_imported_again(before: str) -> None:
    assert with_imports(before, [wanted("import os")]) == before


@pytest.mark.parametrize(
    ("before", "statements", "after"),
    [
        ("import re\n", "import os", "import os\nimport re\n"),
        ("import os\nimport sys\n", "import re", "import os\nimport re\nimport sys\n"),
        (
            "import os\nfrom a import b\n",
            "import re; from typing import Any",
            "import os\nimport re\nfrom typing import Any\nfrom a import b\n",
        ),
        (
            "import os\n\nimport attr\n\nfrom shop import x\n\nfrom . import y\n",
            "from typing import Any; from rich import print; from shop.cart import Cart; "
            "from .near import z",
            "import os\nfrom typing import Any\n\nimport attr\nfrom rich import print\n\n"
            "from shop import x\nfrom shop.cart import Cart\n\nfrom . import y\n"
            "from .near import z\n",
        ),
        ("import attr\n", "import os", "import os\n\nimport attr\n"),
        ("import os\n", "import attr", "import os\n\nimport attr\n"),
        ("import os", "import attr", "import os\n\nimport attr\n"),
        (
            "import os\n\nx = 1\n",
            "from shop import Cart",
            "import os\n\nfrom shop import Cart\n\nx = 1\n",
        ),
        (
            "import sys\n# why os comes last\nimport os\n",
            "import re",
            "import sys\n# why os comes last\nimport os\nimport re\n",
        ),
        (
            "import os\n# about sys\nimport sys\n",
            "import re",
            "import os\nimport re\n# about sys\nimport sys\n",
        ),
        (
            "import os  # noqa\nimport sys\n",
            "import re",
            "import os  # noqa\nimport re\nimport sys\n",
        ),
        ("from b import x\nimport c\n", "import attr", "import attr\nfrom b import x\nimport c\n"),
        (
            "import os\n\nif TYPE_CHECKING:\n    from shop import Cart\n",
            "from typing import Any",
            "import os\nfrom typing import Any\n\nif TYPE_CHECKING:\n    from shop import Cart\n",
        ),
        ("import os; import sys\n", "import re", "import os; import sys\nimport re\n"),
        (
            "import xml.dom\n",
            "import xml.etree.ElementTree",
            "import xml.dom\nimport xml.etree.ElementTree\n",
        ),
        (
            "import os\n\n\ndef late(): ...\n\n\nimport re\n",
            "import sys",
            "import os\nimport sys\n\n\ndef late(): ...\n\n\nimport re\n",
        ),
        (
            "def late(): ...\n\n\nimport re\n",
            "import sys",
            "import sys\n\n\ndef late(): ...\n\n\nimport re\n",
        ),
    ],
)
def test_a_line_of_its_own_keeps_order_and_groups(
    before: str, statements: str, after: str
) -> None:
    check(before, statements, after)


LONG = "from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine\n"


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("from m import a\n", "b", "from m import a, b\n"),
        ("from m import b\n", "a", "from m import a, b\n"),
        ("from m import A, C, b\n", "B", "from m import A, B, C, b\n"),
        ("from m import b, a\n", "c", "from m import b, a, c\n"),
        ("from m import a, C\n", "b", "from m import a, b, C\n"),
        ("from m import a  # why\n", "b", "from m import a, b  # why\n"),
        ("from m import (a, c)\n", "b", "from m import (a, b, c)\n"),
        ("from m import a as x\n", "b as y", "from m import a as x, b as y\n"),
        ("from m import a\nx = 1", "b", "from m import a, b\nx = 1"),
        (
            "from m import (\n    a,\n    c,\n)\n",
            "b",
            "from m import (\n    a,\n    b,\n    c,\n)\n",
        ),
        (
            "from m import (\n    a,\n    b,\n)\n",
            "c",
            "from m import (\n    a,\n    b,\n    c,\n)\n",
        ),
        (
            "from m import (\n\ta,\n\tb  # last\n)\n",
            "c",
            "from m import (\n\ta,\n\tb,  # last\n\tc\n)\n",
        ),
        (
            "from m import (\n    # first\n    b,\n)\n",
            "a",
            "from m import (\n    # first\n    a,\n    b,\n)\n",
        ),
        ("from m import (a, b,\n    d)\n", "c", "from m import (a, b,\n    c, d)\n"),
        ("from m import a, \\\n    c\n", "b", "from m import a, \\\n    b, c\n"),
        ("from m import *\n", "b", "from m import *\nfrom m import b\n"),
    ],
)
def test_a_name_joins_the_import_of_its_module(before: str, name: str, after: str) -> None:
    check(before, f"from m import {name}", after)


def test_a_line_that_grows_too_long_is_wrapped() -> None:
    after = with_imports(LONG, [wanted("from collections.abc import Iterable")])
    assert after.startswith("from collections.abc import (\n    AsyncGenerator,\n")
    assert after.endswith("    Coroutine,\n    Iterable,\n)\n")


def test_a_file_with_longer_lines_keeps_its_line() -> None:
    wide = LONG + "x = " + "1" * 110 + "\n"
    after = with_imports(wide, [wanted("from collections.abc import Iterable")])
    assert after.startswith(LONG.rstrip() + ", Iterable\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_edit_is_of_whole_lines_and_in_the_documents_line_ends(newline: str) -> None:
    text = "import os\n\nx = Path(\n".replace("\n", newline)
    document = Document(uri="file:///a.py", version=3, text=text)
    (edit,) = import_edits(document, [wanted("from pathlib import Path")])
    assert edit.span.start == edit.span.end == len("import os" + newline)
    assert edit.text == "from pathlib import Path" + newline


def test_what_is_broken_further_down_is_left_alone() -> None:
    before = "import os\n\n\ndef f(:\n    x = [1, (\n\nclass 'é\n"
    after = with_imports(before, [wanted("import re")])
    assert after == before.replace("import os\n", "import os\nimport re\n")


def test_a_document_that_needs_nothing_gets_no_edit() -> None:
    document = Document(uri="file:///a.py", version=1, text="import os\n")
    assert import_edits(document, [wanted("import os")]) == ()
    assert import_edits(document, []) == ()


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"module": ""},
        {"module": "os; import re"},
        {"module": "os", "name": "path\n"},
        {"module": "os", "more": "x"},
        {"module": "os", "origin": "mars"},
        {"module": "a..b"},
    ],
)
def test_a_client_can_have_nothing_else_inserted(value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not an import"):
        imports_from([value])


def test_real_files_still_compile_and_lose_nothing() -> None:
    chooser = random.Random(3)
    files = sorted(Path(random.__file__).parent.glob("*.py"))
    for path in chooser.sample(files, 25):
        before = path.read_text("utf-8")
        after = with_imports(
            before,
            [wanted("from pathlib import Zzz"), wanted("import zzz"), wanted("from .zzz import Y")],
        )
        compile(after, path.name, "exec", dont_inherit=True)
        kept = iter(after.split("\n"))
        missing = [line for line in before.split("\n") if not _has(kept, line)]
        assert len(missing) <= 1, f"{path.name}: {missing}"


def _has(lines: Iterator[str], line: str) -> bool:
    return any(other.startswith(line.rstrip(")")) for other in lines)
