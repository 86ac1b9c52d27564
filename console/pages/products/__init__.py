"""Products: what is kept, where it is published, and what is shown of it."""
