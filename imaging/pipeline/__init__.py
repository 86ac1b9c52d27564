"""From a master to one rendition, in small steps; `render.py` lists them."""
