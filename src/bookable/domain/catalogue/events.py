"""What is told about listings."""

from uuid import UUID

from bookable.kernel.events import Event

__all__ = ["ListingChanged", "ListingDeactivated", "ListingOwnerChanged", "ListingsAdded"]


class ListingsAdded(Event, frozen=True):
    """New listings can be found; usually one, many when they are brought in together."""

    listing_ids: list[UUID]


class ListingChanged(Event, frozen=True):
    """A listing's profile or prices are not what they were."""

    listing_id: UUID


class ListingDeactivated(Event, frozen=True):
    """A listing can't be found or booked any more."""

    listing_id: UUID


class ListingOwnerChanged(Event, frozen=True):
    """Somebody else, or nobody, now acts for a listing."""

    listing_id: UUID
    owner_id: UUID | None
    previous_owner_id: UUID | None
