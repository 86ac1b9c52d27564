"""Trusted GraphQL documents, by the SHA-256 of their text."""
