"""Documents and the places in them. Standard library only; knows no language and no protocol."""

from tenon.text.address import file_path
from tenon.text.cancel import Cancelled, CancelToken, Deadline
from tenon.text.document import Document, Edit, Span, plain_line_ends

__all__ = [
    "CancelToken",
    "Cancelled",
    "Deadline",
    "Document",
    "Edit",
    "Span",
    "file_path",
    "plain_line_ends",
]
