"""Documents, folders and which files count; the only mutable state."""
