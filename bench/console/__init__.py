"""How fast the pages of the console come, over a large catalogue."""
