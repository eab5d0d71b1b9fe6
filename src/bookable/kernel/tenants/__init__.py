"""Tenants: the storefronts that people can reach, each with its own users, bookings, money and numbers."""

from .queries import Tenant

__all__ = ["Tenant"]
