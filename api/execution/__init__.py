"""A compiled executor for any Strawberry schema: see README.md beside this file."""

from api.execution.executor import CompiledExecutor, Outcome, compiled_executor

__all__ = ["CompiledExecutor", "Outcome", "compiled_executor"]
