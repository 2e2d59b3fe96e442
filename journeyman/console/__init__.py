"""The console: one REST API, and the pages that stand on the same domain operations."""
