"""What was delivered, line by line, and the proof by replay that each of it was permitted."""
