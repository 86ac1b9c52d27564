"""Completeness: what a product still lacks before a channel can show it."""
