"""Tenants: the storefronts that people can reach, each with its own users, bookings, money and numbers."""

from .creating import KINDS, SlugTaken, create, ensure
from .directory import Directory
from .queries import Tenant

__all__ = ["KINDS", "Directory", "SlugTaken", "Tenant", "create", "ensure"]
