"""Callees: the signatures of what the buffer calls, unless the buffer itself speaks against them.

Owns the buffer as a witness on calls: what it patches, sets or guards is not what its definition
says, and a call of the author's own that does not fit shows that something was not understood.
"""

from __future__ import annotations

import ast

from tenon.semantics.arguments import Argument, first_fault
from tenon.semantics.index import index_of, receiver_text
from tenon.semantics.inquiry import Place
from tenon.semantics.scopes import covers
from tenon.semantics.signatures import Signatures, signatures


def callee_signatures(place: Place, node: ast.expr) -> Signatures:
    """The ways to call what `node` means at the cursor."""
    text = receiver_text(node)
    around = place.around
    if around.expects("TypeError"):
        return Signatures(reason="a TypeError is expected here")
    guard = around.guarded(text) if text else ""
    if guard:
        return Signatures(reason=f"'{guard}' is asked what it is here")
    name = text.rpartition(".")[2]
    module = place.scope.module
    patched = any(name in section.patched for section in module.sections)
    if name in module.stored or name in around.index.named or patched:
        return Signatures(reason=f"'{name}' is set anew in this buffer")
    found = signatures(place.prover, place.membership, node, place.scope)
    if not found.ways or not text:
        return found
    line = getattr(place.hole, "lineno", 0)
    own = text.startswith(("self.", "cls.", "super()."))
    buffer = (
        statement
        for section in module.sections
        if text in section.called
        for statement in section.body
    )
    for statement in around.tops if own else buffer:
        for call in index_of(statement).calls.get(text, ()):
            if statement in around.tops and covers(call, line):
                continue
            if first_fault(found.ways, arguments_of(call), whole=True):
                return Signatures(reason=f"the buffer itself calls {name} otherwise")
    return found


def arguments_of(call: ast.Call) -> list[Argument]:
    """The arguments of a call in the order in which Python lets them stand."""
    positional = [Argument(star="*" if isinstance(a, ast.Starred) else "") for a in call.args]
    named = [Argument(keyword=k.arg or "", star="" if k.arg else "**") for k in call.keywords]
    return [*positional, *named]
