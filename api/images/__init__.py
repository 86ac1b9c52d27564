"""Image URLs and placeholders, as the graph gives them."""
