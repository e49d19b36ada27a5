"""What doctor looks at. Each check is plain data; nothing of a project is run and nothing is written."""
