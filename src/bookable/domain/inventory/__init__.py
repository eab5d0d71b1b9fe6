"""What can be taken, by whom, until when: times of a calendar, slots of a day, places in a pool.

Nothing is ever taken twice: the exclusion constraint on `allocations` and the counters' CHECKs are the promise,
the statements here only meet it without errors. A hold is over when the clock says so; whoever finds it in the way
writes that down, so nothing waits for a sweeper. A calendar is sold either by slots or freely, not both.

No deadlock is possible, because every transaction waits in this order and in no other:

1. the caller's own row (a booking), if it has one;
2. rows of `calendar_slots`, by calendar, day and slot: whoever changes anything in a slot has its row first;
3. rows of `calendars`, by id: whoever changes time that lies in no slot has this first, save the first try of `take`,
   which has changed nothing there when it waits for another's uncommitted time;
4. rows of `pools`, by id: whoever changes a hold on a pool has its row first.

So allocations and pool holds themselves are never waited for. A transaction that takes several things takes them in
that order, and takes freely from one calendar only once unless it has moved there first.
"""

from .browsing import unavailable_on
from .calendars import move, take
from .days import DayPart, Window, window
from .errors import BelowTaken, SlotTaken, SoldOut
from .holders import firm_up, mismatches, release, retake
from .openness import full_on
from .pools import open_pool, places, resize, take_from_pool
from .records import Availability, Mismatch, Places, SlotRule, Taken
from .slots import LONGEST_SPAN, availability, move_in_slot, set_rules, take_in_slot

__all__ = [
    "LONGEST_SPAN",
    "Availability",
    "BelowTaken",
    "DayPart",
    "Mismatch",
    "Places",
    "SlotRule",
    "SlotTaken",
    "SoldOut",
    "Taken",
    "Window",
    "availability",
    "firm_up",
    "full_on",
    "mismatches",
    "move",
    "move_in_slot",
    "open_pool",
    "places",
    "release",
    "resize",
    "retake",
    "set_rules",
    "take",
    "take_from_pool",
    "take_in_slot",
    "unavailable_on",
    "window",
]
