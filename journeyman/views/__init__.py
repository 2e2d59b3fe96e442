"""What people are shown, field by field as policy allows: each thing by its name. Content that is opened is on the record."""
