"""The schema: read types over loaded documents, root fields, mutations."""
