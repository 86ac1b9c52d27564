"""The settings of the api, to be read."""
