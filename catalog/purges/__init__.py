"""What CDNs have to forget, and when it is dark there."""
