"""Models that run elsewhere, behind HTTP: the shapes of requests, and the connection.

Knows prompts and grammars as texts, and nothing of constraints: what comes back is judged by
whoever asked. Nothing here opens a connection before it is asked to write.
"""
