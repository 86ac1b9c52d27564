"""The GraphQL content API: HTTP, schema and execution over the statements of `catalog`."""
