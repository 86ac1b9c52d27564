"""Finished renditions as a whole: made ahead, counted, removed."""
