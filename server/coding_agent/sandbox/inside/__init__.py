"""What runs inside: standard library only, Python 3.9 and newer."""
