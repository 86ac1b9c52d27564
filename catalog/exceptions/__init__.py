"""The queue of what a person has to look at."""
