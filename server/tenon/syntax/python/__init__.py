"""Python: context and frame at a cursor, and the judges of what parses."""

from tenon.syntax.python.parse import judge_for, parses
from tenon.syntax.python.syntax import PythonSyntax

__all__ = ["PythonSyntax", "judge_for", "parses"]
