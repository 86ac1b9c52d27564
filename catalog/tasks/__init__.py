"""Whatever waits for a person."""
