"""Refactorings: listed cheaply on ``ast``, made with LibCST, delivered only when proved."""
