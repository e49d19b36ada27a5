"""What the version control knows: the one door to git."""
