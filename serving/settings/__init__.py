"""The settings of every process, parsed once from `VITRINE_…` variables.

What is wrong or unknown keeps the process from starting.
"""

from serving.settings.load import load_settings
from serving.settings.whole import Settings

MIB = 1024 * 1024

__all__ = ["MIB", "Settings", "load_settings"]
