"""What hostile code tries, as jobs of a box: standard library only, Python 3.9 and newer.

Each is ``attack(say, **world)`` and returns its loot: what it got that it should not; nothing, where it was held.
"""
