"""Flights: found, kept for as long as they can be booked, booked at the price that was shown, ordered once paid.

A search is asked of the provider once, however many ask it at once. A booking is re-checked with the provider
before anything is written; its order goes out by a job, under one key for ever, and is refunded in full where the
provider does not take it.
"""

from .airports import Airport, warm
from .desk import FRESH, IMPATIENCE, PATIENCE, STALE, Desk
from .errors import NoSuchFlight, NotConfirmed, OfferGone, OfferLapsed, PriceMoved
from .itinerary import calendar, page
from .ordering import GIVE_BACK, ORDER, forget, give_back, note_cancelled, note_refunded, order, order_paid
from .placing import HOLD, place
from .ports import Cabin, Contact, FlightProvider, FlightQuery, Gender, Offer, Segment, TravellerType
from .reading import export, list_own, trip
from .records import Flight, Found, OrderState, Passenger, Person, Sort, Trip, TripPage
from .searching import flight, forget_offers, search

__all__ = [
    "FRESH",
    "GIVE_BACK",
    "HOLD",
    "IMPATIENCE",
    "ORDER",
    "PATIENCE",
    "STALE",
    "Airport",
    "Cabin",
    "Contact",
    "Desk",
    "Flight",
    "FlightProvider",
    "FlightQuery",
    "Found",
    "Gender",
    "NoSuchFlight",
    "NotConfirmed",
    "Offer",
    "OfferGone",
    "OfferLapsed",
    "OrderState",
    "Passenger",
    "Person",
    "PriceMoved",
    "Segment",
    "Sort",
    "TravellerType",
    "Trip",
    "TripPage",
    "calendar",
    "export",
    "flight",
    "forget",
    "forget_offers",
    "give_back",
    "list_own",
    "note_cancelled",
    "note_refunded",
    "order",
    "order_paid",
    "page",
    "place",
    "search",
    "trip",
    "warm",
]
