"""Which operation a path and a method mean. A path without parameters comes before one with, whatever the order."""

from collections.abc import Iterable, Mapping

from .routes import Route

__all__ = ["Found", "Paths"]

Found = tuple[Mapping[str, Route], dict[str, str]]
"""The routes of one path by method, and what stood in the places of its parameters."""


class Paths:
    """All paths of a storefront. Raises `ValueError` where one path is written with two names for a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, dict[str, Route]] = {}
        self._open: dict[str, tuple[Route, dict[str, Route]]] = {}
        names: dict[str, str] = {}
        for route in routes:
            anonymous = route.path_regex.pattern
            for parameter in route.param_convertors:
                anonymous = anonymous.replace(f"<{parameter}>", "<>")
            if names.setdefault(anonymous, route.path) != route.path:
                raise ValueError(f"{route.path} and {names[anonymous]} are one path")
            by_method = self._open.setdefault(route.path, (route, {}))[1] if route.param_convertors else None
            methods = self._fixed.setdefault(route.path, {}) if by_method is None else by_method
            methods[route.operation.method] = route

    def find(self, path: str) -> Found | None:
        """Whoever answers at this path; None where nobody does."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, {}
        for route, methods in self._open.values():
            match = route.path_regex.match(path)
            if match is not None:
                return methods, match.groupdict()
        return None
