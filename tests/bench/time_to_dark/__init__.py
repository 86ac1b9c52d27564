"""What `time-to-dark` makes of what it saw."""
