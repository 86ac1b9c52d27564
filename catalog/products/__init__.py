"""Product truth: attributes, families, categories, products and their values, as drafts."""
