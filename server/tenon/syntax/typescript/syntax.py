"""TypeScriptSyntax: contexts and judgement for TypeScript and for JavaScript.

Owns tree-sitter for these languages. Knows nothing of grammars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import tree_sitter
import tree_sitter_typescript

from tenon.syntax.context import CursorContext
from tenon.syntax.typescript.frame import framed, role
from tenon.syntax.typescript.levels import Memory, before
from tenon.syntax.typescript.pieces import PIECES
from tenon.syntax.typescript.standing import stand_ins
from tenon.text import Document

_TOO_LARGE = 2_000_000
_LOOK_AHEAD = 200
_REMEMBERED = 4
_CONFIRMED = 150_000
"""Characters up to which the whole buffer is parsed to confirm: some tens of milliseconds."""
_TYPES = frozenset(
    {
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "type_alias_declaration",
        "interface_declaration",
        "enum_declaration",
        "internal_module",
        "module",
        "ambient_declaration",
        "abstract_class_declaration",
        "abstract_method_signature",
        "function_signature",
        "method_signature",
        "accessibility_modifier",
        "override_modifier",
        "optional_parameter",
        "implements_clause",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "index_signature",
        "import_alias",
        "import_require_clause",
    }
)
"""What TypeScript adds to JavaScript."""


class TypeScriptSyntax:
    """`types` is whether the dialect has them. For one thread."""

    pieces = PIECES

    def __init__(self, *, types: bool) -> None:
        self._types = types
        self._memories: dict[str, Memory] = {}
        language = tree_sitter.Language(tree_sitter_typescript.language_typescript())
        self._parser = tree_sitter.Parser(language)

    def context(self, document: Document, offset: int) -> CursorContext:
        offset = min(max(offset, 0), len(document.text))
        prefix, suffix = document.text[:offset], document.text[offset:]
        place = before(
            prefix if len(prefix) <= _TOO_LARGE else "",
            suffix[:_LOOK_AHEAD],
            self._memory(document.uri),
        )
        return CursorContext(
            role=role(prefix, place),
            prefix=prefix,
            suffix=suffix,
            enclosing=(),
            frame=framed(prefix, suffix, place, self.parses) if len(prefix) <= _TOO_LARGE else None,
        )

    def _memory(self, uri: str) -> Memory:
        memory = self._memories.pop(uri, None) or Memory()
        while len(self._memories) >= _REMEMBERED:
            del self._memories[next(iter(self._memories))]
        self._memories[uri] = memory
        return memory

    def judge(self, context: CursorContext) -> Callable[[str], bool]:
        return self.parses

    def parses(self, text: str) -> bool:
        """Whether `text` is a whole module of the dialect."""
        root = self._parse(text)
        if root.has_error:
            return False
        return self._types or not any(node.type in _TYPES for node in _nodes(root))

    def confirms(self, context: CursorContext, completion: str) -> bool:
        """Whether the buffer with `completion` in it parses; where it was broken elsewhere before,
        whether it does so no worse, and the frame parses."""
        frame = context.frame
        if frame is None:
            return False
        whole = context.prefix + completion + context.suffix
        fits = self.parses(frame.opening + completion + frame.closing)
        if len(whole) > _CONFIRMED:
            return fits
        root = self._parse(whole)
        if not root.has_error:
            return True
        if not fits or _errors(root) > _errors(self._parse(context.prefix + context.suffix)):
            return False
        others = stand_ins(context.prefix, context.suffix)
        return all(self._parse(each).has_error for each in others)

    def _parse(self, text: str) -> tree_sitter.Node:
        return self._parser.parse(text.encode("utf-8", errors="replace")).root_node


def _nodes(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(node.named_children)


def _errors(root: tree_sitter.Node) -> int:
    """How many nodes are errors or were missing."""
    count, pending = 0, [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        if node.has_error:
            pending.extend(node.children)
    return count
