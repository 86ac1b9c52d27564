"""What was searched, and what was found."""
