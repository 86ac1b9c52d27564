"""What stands in front of gateway and api: hops, lifetimes, tags, purge drivers, VCL."""
