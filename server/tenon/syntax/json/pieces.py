"""Pieces: what short JSON is made of."""

from __future__ import annotations

from tenon.syntax.pieces import Pieces

PIECES = Pieces(
    endings=("0", '""', "null", '"": 0', "[]", "{}", "true", "false"),
    links=(
        *(",", ": 0", ": 0,", ": {", ": [", ": [{", ': "', ": ", ', "', ', {"', ', {"": ', "["),
        *("{", '[{"', '{"": ', '": {', '": [', ': {"', ': ["', ', "": ', ', "": "'),
        *(', "": {', ', "": ['),
    ),
    beginnings=("0", '""', '"": 0', '"": "', '"": {', '"": ['),
    words=("null", "true", "false"),
)
