"""Finding code by what it means: words, vectors, and how both become one order."""
