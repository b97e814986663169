"""A guard may stand behind what it guards: until it can no longer come, it may still come."""

from __future__ import annotations

import threading

import pytest
from workspace import Workspace

from tenon.constraints.constraint import Domain, Verdict
from tenon.constraints.derive import derive
from tenon.text import Deadline

TASKS = """
import ast
import pytest
from typing import Iterable

class Task:
    name = "a"
    def run(self): return 1

class Sub(Task):
    more = 1

def f(task: Task, tasks: list[Task], node: ast.AST, error: Exception, lines: Iterable[str]):
"""

BEHIND = [
    ("return <|>", "task.more if isinstance(task, Sub) else 1"),
    ("return task.<|>", "more if isinstance(task, Sub) else 1"),
    ("return task.<|> if isinstance(task, Sub) else 1", "more"),
    ("return <|>", "print(task.more, 2) if isinstance(task, Sub) else 1"),
    ("return <|>", "[task.more] if isinstance(task, Sub) else []"),
    ("return <|>", "task.more[0].x(1) + 1 if type(task) is Sub else 0"),
    ("return <|>", "task.more if task.__class__ is Sub else 0"),
    ("return <|>", "task.more if hasattr(task, 'more') else 2"),
    ("return <|>", "f'{task.more if isinstance(task, Sub) else 1}'"),
    ("return <|>", "f'{task.more}' if isinstance(task, Sub) else 1"),
    ("return <|>", "1 if not task else task.more if isinstance(task, Sub) else 2"),
    ("return <|>", "dict(a=task.more if isinstance(task, Sub) else 1)"),
    ("return <|>", "(lambda: task.more) if isinstance(task, Sub) else 1"),
    ("return <|>", "[each.more for each in tasks if isinstance(each, Sub)]"),
    ("return <|>", "sum(each.more for each in tasks if hasattr(each, 'more'))"),
    ("return <|>", "[task.more for task in tasks if isinstance(task, Sub)]"),
    ("return <|>", "[task.more for _ in 'ab' if isinstance(task, Sub)]"),
    ("return <|>", "{task.more: task.more for _ in 'ab' if isinstance(task, Sub)}"),
    ("return [task.<|>]", "more for task in tasks if isinstance(task, Sub)"),
    ("return <|>", "node.id if isinstance(node, ast.Name) else ''"),
    ("return <|>", "error.errno if isinstance(error, OSError) else 1"),
    ("return <|>", "lines.sort() if isinstance(lines, list) else 1"),
    ("<|>", "with pytest.raises(AttributeError):\n        print(task.zork)"),
]


@pytest.mark.parametrize(("place", "text"), BEHIND)
def test_what_a_guard_behind_it_proves_may_be_asked_for(
    workspace: Workspace, place: str, text: str
) -> None:
    source = f"{TASKS}    {place}\n"
    assert workspace.refused_at(Domain.MEMBERS, source, text) is None
    judgement = workspace.constraint(Domain.MEMBERS, source).judge(text)
    assert judgement.verdict is Verdict.COMPLETE


UNGUARDED = [
    "task.more|\n",
    "task.more,| 1",
    "[task.more, 1]|\n",
    "f(task.more)|\n",
    "task.more if task else| 1",
    "[task.more for _ in 'ab' if name]|\n",
    "task.z|ork if isinstance(task, Sub) else 1",
    "task.name.z|ork",
    "node.q|x",
]


@pytest.mark.parametrize("text", UNGUARDED)
def test_without_a_guard_it_is_refused_where_none_can_come_any_more(
    workspace: Workspace, text: str
) -> None:
    said, _, more = text.partition("|")
    source = f"{TASKS}    return <|>\n"
    refused = workspace.refused_at(Domain.MEMBERS, source, said + more)
    assert refused is not None and len(said) <= refused <= len(said) + 1
    complete = workspace.constraint(Domain.MEMBERS, source).judge(said).verdict
    assert complete is not Verdict.COMPLETE


def test_what_is_asked_before_it_has_the_members_of_the_subclass(workspace: Workspace) -> None:
    source = f"{TASKS}    if isinstance(task, Sub):\n        return task.<|>\n"
    assert workspace.refused_at(Domain.MEMBERS, source, "more") is None
    assert workspace.refused_at(Domain.MEMBERS, source, "zork") == 1


TRIED = [
    "try:\n    from os import zork\nexcept ImportError:\n    zork = None",
    "try:\n    import os.zork\nfinally:\n    pass",
]


@pytest.mark.parametrize("text", TRIED)
def test_an_import_that_the_text_tries_may_fail(workspace: Workspace, text: str) -> None:
    assert workspace.refused_at(Domain.IMPORTS, "<|>\n", text) is None
    later = text + "\nfrom os import zork\n"
    assert workspace.refused_at(Domain.IMPORTS, "<|>\n", later) is not None


def test_a_name_error_that_the_text_expects_needs_no_name(workspace: Workspace) -> None:
    text = "with pytest.raises(NameError):\n    print(zork)"
    assert workspace.refused_at(Domain.NAMES, "import pytest\n<|>\n", text) is None
    assert workspace.refused_at(Domain.NAMES, "import pytest\n<|>\n", "print(zork)") is not None


def test_what_a_receiver_may_turn_out_to_be_is_known_as_soon_as_its_members_are(
    workspace: Workspace,
) -> None:
    """An answer that had to ask for it would find the analysis busy, and stand open."""
    source = "class Item:\n    price: float\n\ndef f(total, item: Item):\n    total += item.<|>\n"
    facts = workspace.facts(source, deadline=Deadline.after(60.0))
    assert facts.inquiry is not None
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with facts.inquiry._lock:
            taken.set()
            done.wait(60)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        assert taken.wait(60)
        _, context = workspace.context(source)
        members = next(
            each for each in derive(context, facts) if each.domain is Domain.MEMBERS
        )
        assert members.refusal("it") is not None
        assert members.refusal("pri") is None
    finally:
        done.set()
        holding.join()


OTHERS = "".join(f"class Other{i}(Unrelated):\n    x{i} = 1\n\n" for i in range(300))
"""Classes that have nothing to do with it, many more than could be looked at for every key."""

NAMED_OTHERWISE = [
    "class Sub(Task): more = 1",
    "class Middle(Task): pass\nclass Sub(Middle): more = 1",
    "Alias = Task\nclass Sub(Alias): more = 1",
    "from tasks import Task as Known\nclass Sub(Known): more = 1",
    "import tasks\nclass Sub(tasks.Task): more = 1",
    "import tasks\nclass Sub(tasks.Again): more = 1",
    "from facade import Shown\nclass Sub(Shown): more = 1",
    "from typing import Generic, TypeVar\nT = TypeVar('T')\n"
    "class Middle(Task, Generic[T]): pass\nclass Sub(Middle[int]): more = 1",
    "if True:\n    class Sub(Task): more = 1",
    "from tasks import Sub",
]


@pytest.mark.parametrize("classes", NAMED_OTHERWISE)
def test_what_derives_from_a_class_is_found_among_many_others_by_whatever_name(
    workspace: Workspace, classes: str
) -> None:
    workspace.write(
        "tasks.py", "class Task:\n    name = 'a'\nAgain = Task\nclass Sub(Task): more = 1\n"
    )
    workspace.write("facade.py", "from tasks import Task as Shown\n")
    source = f"from tasks import Task\nclass Unrelated: pass\n{OTHERS}{classes}\n"
    source += "def f(task: Task):\n    return task.<|>\n"
    facts = workspace.facts(source, deadline=Deadline.after(60.0))
    assert facts.inquiry is not None
    known = facts.inquiry._known["provable", "task"]
    assert known is not None
    assert "more" in known.names
    assert "x7" not in known.names


def test_the_classes_looked_at_for_a_key_do_not_grow_with_the_file(workspace: Workspace) -> None:
    def looked_at(others: str) -> int:
        source = f"class Unrelated: pass\n{others}class Task:\n    name = 'a'\n"
        source += "class Sub(Task): more = 1\ndef f(task: Task):\n    return task.<|>\n"
        facts = workspace.facts(source)
        assert facts.inquiry is not None and "more" in facts.provable("task").names
        memo = facts.inquiry._place.scope.module.memo
        return sum(key[0] == "class" for key in memo)

    assert looked_at(OTHERS) == looked_at("")


def test_of_too_many_that_derive_from_it_a_value_may_have_anything(workspace: Workspace) -> None:
    subs = "".join(f"class Sub{i}(Task):\n    x{i} = 1\n" for i in range(300))
    source = f"class Task:\n    name = 'a'\n{subs}def f(task: Task):\n    return <|>\n"
    text = "task.zork if isinstance(task, Sub1) else 1"
    assert workspace.refused_at(Domain.MEMBERS, source, text) is None
    assert workspace.refused_at(Domain.MEMBERS, source, "task.zork\n") == len("task.zork\n")
