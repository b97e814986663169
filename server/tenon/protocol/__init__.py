"""LSP 3.18 in and out: the only layer that knows JSON, positions in units, and editors."""
