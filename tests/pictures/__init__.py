"""The pictures of the pages in the documentation: `python -m tests.pictures`, or `make pictures`."""
