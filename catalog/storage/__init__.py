"""The object store: originals, masters and stored renditions, in a folder or in S3."""
