"""Licences and collections, with the terms of each."""
