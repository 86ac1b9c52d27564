"""The peers of the field, each run as its own documentation advises for production."""
