"""What auditors find, read, check and take along: traces, what stands behind an entry, and policies as they were."""
