"""The read side: the few statements behind every root field, and how their rows are read."""
