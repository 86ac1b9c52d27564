"""Publication: drafts become frozen, versioned documents, one a product and channel."""
