"""The console's pages: rendered here, kept live by the stream of events."""
