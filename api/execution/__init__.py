"""A compiled executor for any Strawberry schema: see README.md beside this file."""

from api.execution.executor import CompiledExecutor, Outcome, compiled_executor
from api.execution.plans import Plans

__all__ = ["CompiledExecutor", "Outcome", "Plans", "compiled_executor"]
