"""JSON and JSON with comments: the frame of a hole, and the parser that judges it."""

from tenon.syntax.json.syntax import JsonSyntax

__all__ = ["JsonSyntax"]
