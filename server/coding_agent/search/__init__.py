"""Search by words and by meaning: chunks of code, what they say, and which of them answer a question."""
