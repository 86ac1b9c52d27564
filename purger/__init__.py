"""The purger: CDN purges that are never given up, and boundaries announced on time."""
