"""Generates tests that people keep: planned here, searched and run in the sandbox."""
