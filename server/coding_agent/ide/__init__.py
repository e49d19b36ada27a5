"""The facade: what an editor can ask, in plain frozen data."""
