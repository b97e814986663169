"""What is bound only on ways that do not lead to the cursor is no name there."""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Domain, Verdict
from workspace import Workspace

UNREACHED = [
    ("if a:\n        msg = 1\n        raise E(msg)\n    <|>", "print(msg)"),
    ("if a:\n        msg = 1\n    else:\n        <|>", "print(msg)"),
    ("if a:\n        msg = 1\n    else:\n        <|>\n    return msg", "msg = a(msg)"),
    ("if a:\n        def g(): pass\n        return\n    <|>", "g()"),
    ("while a:\n        if a:\n            return\n    <|>\n    c = 1", "print(c)"),
    ("try:\n        a()\n    except E as msg:\n        return 1\n    <|>", "print(msg)"),
    ("try:\n        msg = a()\n    except E:\n        print(<|>)", "msg, 1"),
    ("try:\n        import msg\n    except E:\n        msg = <|>", "msg + 1"),
    ("try:\n        a()\n    except E as msg:\n        pass\n    <|>", "print(msg)"),
    ("try:\n        a()\n    except E as msg:\n        pass\n    finally:\n        <|>",
     "print(msg)"),
    ("try:\n        a()\n    except E:\n        msg = 1\n        raise\n    <|>", "print(msg)"),
    ("for b in a:\n        try:\n            b()\n        except E as msg:\n            pass\n"
     "        <|>", "print(msg)"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text"), UNREACHED)
def test_what_no_way_to_the_cursor_binds_is_refused(
    workspace: Workspace, body: str, text: str
) -> None:
    assert workspace.refused_at(Domain.NAMES, f"def f(a):\n    {body}\n", text) is not None


REACHED = [
    ("if a:\n        msg = 1\n    <|>", "print(msg)"),
    ("if a:\n        msg = 1\n        raise E(msg)\n    <|>", "pass\n    msg = 1\n    print(msg)"),
    ("if a:\n        msg = 1\n    else:\n        <|>", "pass\n    print(msg)"),
    ("if a:\n        msg = 1\n    else:\n        <|>\n    return msg", "msg = lambda: a(msg)"),
    (
        "for x in a:\n        if x:\n            msg = 1\n            break\n        <|>",
        "print(msg)",
    ),
    (
        "for x in a:\n        if x:\n            print(<|>)\n        else:\n            msg = 1",
        "msg",
    ),
    ("try:\n        msg = 1\n        a()\n    except E:\n        print(<|>)", "msg"),
    ("try:\n        msg = a.x = 1\n    except E:\n        print(<|>)", "msg"),
    ("try:\n        if a: msg = 1\n    except E:\n        print(<|>)", "msg"),
    ("try:\n        x = a(msg := 1)\n    except E:\n        print(<|>)", "msg"),
    ("try:\n        msg = a()\n    except E:\n        pass\n    else:\n        print(<|>)", "msg"),
    ("for b in a:\n        try:\n            msg = b()\n        except E:\n            print(<|>)",
     "msg"),
    ("try:\n        pass\n    except E as msg:\n        print(<|>)", "msg"),
    ("try:\n        pass\n    except E as msg:\n        kept = msg\n    <|>", "print(kept)"),
    ("try:\n        kept = 1\n    except E as msg:\n        return\n    <|>", "print(kept)"),
    ("try:\n        kept = 1\n    except E as msg:\n        pass\n    <|>", "print(kept)"),
    ("try:\n        pass\n    except E as msg:\n        return\n    else:\n        kept = 1\n"
     "    <|>", "print(kept)"),
    ("try:\n        pass\n    finally:\n        kept = 1\n    <|>", "print(kept)"),
    ("for b in a:\n        try:\n            b()\n        except E as msg:\n            <|>",
     "print(msg)"),
    ("for b in a:\n        try:\n            <|>\n        except E:\n            msg = 1",
     "print(msg)"),
    ("msg = 1\n    try:\n        pass\n    except E as msg:\n        pass\n    <|>", "print(msg)"),
    ("with a as m:\n        m = 1\n        <|>", "print(m)"),
    ("if (m := a):\n        <|>", "print(m)"),
    ("match a:\n        case [m]:\n            <|>", "print(m)"),
    ("match a:\n        case {**rest}:\n            <|>", "print(rest)"),
    ("while True:\n        <|>\n        x = 1", "print(x)"),
    ("global q\n    <|>\n    q = 1", "print(q)"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text"), REACHED)
def test_what_a_way_to_the_cursor_may_bind_is_a_name(
    workspace: Workspace, body: str, text: str
) -> None:
    source = f"def f(a):\n    {body}\n"
    assert workspace.refused_at(Domain.NAMES, source, text) is None
    assert workspace.constraint(Domain.NAMES, source).judge(text).verdict is Verdict.COMPLETE


AT_THE_TOP = [
    # (source, text, whether the name is none)
    ("def f(y): pass\nx = f(<|>)\n", "x", True),
    ("def f(y): pass\nx = f(<|>)\n", "y=x", True),
    ("def f(y): pass\nx = f(<|>)\nz = 1\n", "z", True),
    ("<|>\nclass Z: pass\n", "class Y(Z): pass", True),
    ("x = <|>\nz = 1\n", "lambda: z", False),
    ("x: <|>\nclass Z: pass\n", "Z", False),
    ("x: <|>\nclass Z: pass\n", "Z = Z()", True),
    ("<|>\nclass Z: pass\n", "def f(a: Z): pass", False),
    ("for i in a:\n    print(<|>)\n    q = 1\n", "q", False),
    ("def g():\n    global q\n    q = 1\nx = <|>\n", "q", False),
    ("x = <|>\nlist = 1\n", "list", False),
    ("from os.path import *\nx = <|>\njoin = 1\n", "join", False),
    ("def f():\n    return <|>\nz = 1\n", "z", False),
    ("class A:\n    x = <|>\n    z = 1\n", "z", False),
]


@pytest.mark.parametrize(("source", "text", "none"), AT_THE_TOP)
def test_the_module_binds_its_names_in_order(
    workspace: Workspace, source: str, text: str, none: bool
) -> None:
    verdict = workspace.constraint(Domain.NAMES, source).judge(text).verdict
    assert (verdict is not Verdict.COMPLETE) is none
