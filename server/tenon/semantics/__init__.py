"""What the buffer means: names in scope, members of receivers, and how surely they are known.

Reads sources and runs nothing. Knows no constraint, no model and no protocol.
"""

from tenon.semantics.analyser import Analyser
from tenon.semantics.facts import NOTHING_KNOWN, Facts, MemberSet, NameSet, Words

__all__ = ["NOTHING_KNOWN", "Analyser", "Facts", "MemberSet", "NameSet", "Words"]
