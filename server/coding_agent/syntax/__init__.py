"""Pieces of a text, the doors to its trees, and the comments that suppress. Broken code is a value."""
