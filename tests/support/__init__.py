"""What several tests use: the raw LSP client."""
