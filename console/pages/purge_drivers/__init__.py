"""How the purges of each CDN stand."""
