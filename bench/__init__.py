"""Workloads, and the peers that they are compared with. `README.md` says how to repeat them."""
