"""Vocabularies: the terms that values of attributes are chosen from."""
