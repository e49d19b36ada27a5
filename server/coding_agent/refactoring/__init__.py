"""Refactorings: listed cheaply on ``ast``, made as edits of spans, delivered only when proved."""
