"""TypeScript, and JavaScript within it: the frame of a hole, and the parser that judges it."""

from tenon.syntax.typescript.syntax import TypeScriptSyntax

__all__ = ["TypeScriptSyntax"]
