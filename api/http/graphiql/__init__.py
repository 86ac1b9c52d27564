"""GraphiQL at the address of the graph, with what it needs, so that it works without the net."""
