"""The REST API, a noun a file."""
