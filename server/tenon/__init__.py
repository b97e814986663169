"""Tenon: inline completions that fit."""
