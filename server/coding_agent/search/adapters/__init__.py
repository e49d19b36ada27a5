"""Doors to libraries that search uses."""
