"""The one place where code of the user runs: isolated, limited, watched."""
