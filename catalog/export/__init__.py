"""The way out: all that a house holds, as the records that it came from."""
