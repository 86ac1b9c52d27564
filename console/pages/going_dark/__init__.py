"""What goes dark by time alone."""
