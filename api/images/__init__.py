"""Image URLs and sizes, as the graph gives them."""
