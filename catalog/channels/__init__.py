"""Locales, markets and channels: in which language, to whom and where content goes."""
