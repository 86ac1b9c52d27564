"""Saved views: lists of the console as somebody likes to see them."""
