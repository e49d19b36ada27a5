"""An import that fails."""

raise ImportError("it is broken")
