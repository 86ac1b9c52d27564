"""Varnish in front of the gateway or of the api: its VCL, written from the settings."""

from edge.vcl.write import Mode, vcl

__all__ = ["Mode", "vcl"]
