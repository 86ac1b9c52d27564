"""Presets: how pictures are made, edited with a preview before anybody gets them."""
