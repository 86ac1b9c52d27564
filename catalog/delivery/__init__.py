"""Delivery: presets, tokens, signing keys, rendition URLs and content keys.

Minted by the api, verified by the gateway. Holds no pixels and no HTTP.
"""
