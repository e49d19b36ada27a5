"""The jedi door: names, types, uses, asked in one worker process. Import the modules themselves: the worker's child
imports this room too.
"""
