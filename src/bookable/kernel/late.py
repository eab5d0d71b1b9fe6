"""Modules that are heavy and seldom needed, loaded by the first who needs them and not by every process's start."""

import asyncio
import importlib

__all__ = ["load"]

_loaded: set[str] = set()


async def load(module: str) -> None:
    """Import `module` in a thread, so that other requests go on meanwhile; afterwards an `import` of it is quick."""
    if module not in _loaded:  # not `sys.modules`, where it stands from the first moment of its loading
        await asyncio.to_thread(importlib.import_module, module)
        _loaded.add(module)
