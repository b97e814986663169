"""The subcommands of `tenon`, a module each, over the service.

Modules here import at their head only what `tenon --help` may wait for: the standard library
and typer. Everything else is imported by the function that needs it.
"""
