"""The domain: products, media, rights. No HTTP, no pixels, no GraphQL."""
