"""Diagnostics as text, JSON, SARIF, GitHub commands and GitLab's Code Quality."""
