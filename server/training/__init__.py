"""Training: from packages of Python code to a fill-in-the-middle model that Tenon can ship.

Not part of the installed product: it needs the dependency group `training`, and nothing of
`tenon` imports it. It imports two things of `tenon`: how a prompt is built, so that the model
is trained on what the server sends, and the engine, to judge what came of it.
"""
