"""Features that ask a model, and what its answers have to pass."""
