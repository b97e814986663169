"""The ruler: punches holes in real code, fills them with and without constraints, and measures.

Top of the layers beside `commands`; nothing below knows that it is being measured.
"""
