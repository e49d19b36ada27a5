"""One family a folder, one rule a file; `analysis.registry` finds them by their constant."""
