"""What runs in the user's interpreter, inside the sandbox: standard library only, Python 3.9 and newer."""
