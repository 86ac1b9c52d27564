"""Takes files in: looked at in a child process, then stored as original and master."""
