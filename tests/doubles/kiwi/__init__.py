"""Tequila over real HTTP: search, check_flights, save_booking and confirm_payment, after captured answers."""

from tests.doubles.kiwi.double import KiwiDouble

__all__ = ["KiwiDouble"]
