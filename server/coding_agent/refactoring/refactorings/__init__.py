"""One refactoring a file; `refactoring.engine` finds them by their constant."""
