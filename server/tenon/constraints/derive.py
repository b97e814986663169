"""From facts to constraints: which domains can narrow at a cursor.

Owns the list of text domains and what they share, the reader of the growing completion.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tenon.constraints.callees import Callees
from tenon.constraints.calls import Calls
from tenon.constraints.constraint import Constraint
from tenon.constraints.control_flow import ControlFlow
from tenon.constraints.escapes import has_unknown_escapes
from tenon.constraints.imports import Imports
from tenon.constraints.members import Members, begins_member, is_fixed, lacks_member, may_prove
from tenon.constraints.names import Names
from tenon.constraints.reading import Reader
from tenon.constraints.slots import SlotReader
from tenon.constraints.state import Oracles
from tenon.constraints.types import Types
from tenon.semantics.facts import Facts, Words
from tenon.semantics.inquiry import Inquiry
from tenon.semantics.witness import contradicted
from tenon.syntax.context import CursorContext


def derive(context: CursorContext, facts: Facts) -> tuple[Constraint, ...]:
    """The constraints for one completion; each belongs to that completion and one thread.

    Empty where the statement around the cursor could not be understood: what a text reads and
    what it introduces is then unknown.
    """
    frame = context.frame
    if frame is None or not frame.sound:
        return ()
    names, members = facts.names, facts.receiver
    before = frame.opening[len(frame.opening) - frame.statement :]
    # Of a long statement something may have been left out.
    held = context.prefix.endswith(before)
    if not held:
        names = replace(names, words=Words(names.words.names | names.ahead.names))
    rest = frame.closing
    behind = names.behind if context.suffix.startswith(rest.partition("\n")[0]) else Words()
    words, importable, imports = names.words, names.importable, names.imports
    oracles = Oracles(
        knows_name=words.__contains__ if names.complete else lambda name: True,
        importable=lambda name: name in importable and not names.is_local(name),
        begins_name=lambda part: any(
            each.has_prefix(part) for each in (words, importable, imports.words)
        ),
        lacks_member=lambda receiver, name: lacks_member(members, receiver, name),
        begins_member=lambda receiver, part: begins_member(members, receiver, part),
        may_prove=lambda receiver, part: may_prove(facts.provable, receiver, part),
        is_fixed=lambda receiver: is_fixed(members, receiver),
        could_import=lambda name: name in imports.words and not names.is_local(name),
        bound_later=names.later.__contains__,
        bound_elsewhere=names.elsewhere.__contains__,
        is_begun=names.ahead.__contains__ if held else lambda name: False,
        only_behind=behind.__contains__,
        # What has to be imported first may be a comprehension's own instead.
        is_variable=lambda name: name in facts.variables or name not in words,
        is_parameter=facts.parameters.__contains__,
    )
    for each in (words, importable, imports.words):
        each.prepare()
    reader = Reader(before, oracles)
    slots = SlotReader(before)
    callees = Callees(facts.inquiry, reader)
    # What was left out of a long statement may hold arguments.
    end = slots.closed("", rest).end
    whole = context.suffix[:end] == rest[:end]
    return (
        Names(names, reader, rest),
        Members(members, reader, rest, partial(_contradicted, facts.inquiry, before, rest)),
        Imports(facts.module, names, reader, before, rest),
        Calls(callees, slots, rest, before=held, behind=whole),
        ControlFlow(context, frame.opening),
        Types(
            facts.inquiry,
            slots,
            before,
            rest,
            escaping=partial(_escaping, context),
            held=held,
            behind=whole,
        ),
    )


def _escaping(context: CursorContext) -> bool:
    return has_unknown_escapes(context.prefix) or has_unknown_escapes(context.suffix)


def _contradicted(inquiry: Inquiry | None, before: str, rest: str, text: str) -> bool:
    if inquiry is None:
        return False
    whole = before + text + rest
    return bool(inquiry.ask(("contradicted", whole), lambda place: contradicted(place, whole)))
