"""Prover: the type of an expression, where the text proves it.

It follows only what leaves no doubt: definitions, imports, annotations, constructors, literals.
It reads sources and runs nothing.
"""

from __future__ import annotations

from tenon.semantics.annotations import Annotations
from tenon.semantics.attributes import Attributes
from tenon.semantics.calls import Calls
from tenon.semantics.classes import Classes
from tenon.semantics.expressions import Expressions
from tenon.semantics.lookup import Lookup


class Prover(Lookup, Expressions, Calls, Attributes, Classes, Annotations):
    """Types over one set of sources. One thread uses it."""
