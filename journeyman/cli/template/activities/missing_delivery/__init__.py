"""The AI agent of `missing-delivery`, and its tool."""
