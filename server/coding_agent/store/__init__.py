"""The files we write: atomic, removable, never unpickled."""
