"""The content API: how answers are executed, loaded and kept."""
