"""The rim that every request crosses: named, bounded, guarded, counted, logged, and always answered."""

from bookable.edge.cors import Cors
from bookable.edge.middleware import Edge, RenderError
from bookable.edge.refusals import (
    Failed,
    MethodNotAllowed,
    NotAnswered,
    NotReadable,
    Refusal,
    TooLarge,
    TooLong,
    TooSlow,
)

__all__ = [
    "Cors",
    "Edge",
    "Failed",
    "MethodNotAllowed",
    "NotAnswered",
    "NotReadable",
    "Refusal",
    "RenderError",
    "TooLarge",
    "TooLong",
    "TooSlow",
]
