"""One driver per CDN, each with its request, its limits and its answers."""
