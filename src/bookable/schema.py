"""Every table of the house in one place, for migrations and for the tests that walk them all."""

from bookable.domain.bookings import tables as bookings
from bookable.domain.catalogue import tables as catalogue
from bookable.domain.films import tables as films
from bookable.domain.flights import tables as flights
from bookable.domain.identity import tables as identity
from bookable.domain.inventory import tables as inventory
from bookable.domain.ledger import tables as ledger
from bookable.domain.media import tables as media
from bookable.domain.notifications import tables as notifications
from bookable.domain.payments import tables as payments
from bookable.domain.reviews import tables as reviews
from bookable.integrations import tables as providers
from bookable.integrations.sandbox import tables as sandbox
from bookable.kernel.db import metadata
from bookable.kernel.idempotency import tables as idempotency
from bookable.kernel.tenants import tables as tenants

MODULES = (
    tenants,
    idempotency,
    identity,
    media,
    catalogue,
    ledger,
    films,
    inventory,
    payments,
    bookings,
    flights,
    reviews,
    notifications,
    providers,
    sandbox,
)

__all__ = ["MODULES", "metadata"]
