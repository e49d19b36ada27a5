"""The one door to a model: what may leave, what it may cost, how long it may take, and what was sent."""
