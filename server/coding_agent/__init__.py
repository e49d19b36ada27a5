"""Coding Agent: a Python language server that proves its work."""

__version__ = "0.1.0"
