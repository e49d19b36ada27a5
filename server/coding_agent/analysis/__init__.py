"""Rules, the one walk that feeds them, and the memo of what they found."""
