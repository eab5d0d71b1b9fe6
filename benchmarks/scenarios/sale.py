"""A flash sale: far more buyers than places, many at once; exactly the places are sold, and nobody waits for long."""

from datetime import timedelta

import httpx

from benchmarks.bench import Bench
from benchmarks.contract import ContractBroken
from benchmarks.house import BASE
from benchmarks.plans import Order, Plan
from benchmarks.report import Figure
from benchmarks.stacks import FIRST_DAY, fetch

__all__ = ["measure"]

_BUYERS, _AT_ONCE = 2000, 50
_DAYS, _PLACES_A_DAY = 10, 20
_BODY = (
    '{"celebrityId":"{celebrity}","meetingType":"quick","date":"{day}","timeSlot":"afternoon",'
    '"contactName":"Buyer {n}","contactEmail":"buyer-{n}@example.com"}'
)
_SOLD = "SELECT count(*) FROM bookings WHERE listing_id = $1::uuid AND slot = 'afternoon'"
_ADMIN = {"email": "admin@starrymeet.example", "password": "Bookable-demo-1"}


def measure(bench: Bench) -> None:
    """200 places of one celebrity, 2,000 guests, 50 of them at any moment."""
    celebrity, *quiet = bench.listings[300:401]
    port = bench.ours.server.port
    days = [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(_DAYS)]
    _open(bench, celebrity, days)
    alone = Order(port=port, plan=_plan(quiet, days[:1]), connections=1, seconds=20, requests=len(quiet))
    unloaded = bench.generator.run(alone)
    bench.say(f"selling {_DAYS * _PLACES_A_DAY} places to {_BUYERS} buyers …")
    rush = Order(port=port, plan=_plan([celebrity], days), connections=_AT_ONCE, seconds=120, requests=_BUYERS)
    outcome = bench.generator.run(rush)
    sold = fetch(bench.ours.database_url, _SOLD, celebrity)[0]
    places = _DAYS * _PLACES_A_DAY
    if sold != places or outcome.statuses != {201: places, 409: _BUYERS - places}:
        raise ContractBroken(f"flash sale: {sold} rows, answers {outcome.statuses}")
    factor = outcome.p99 / unloaded.p50
    bench.report.facts["sale"] = {"sold": sold, "rush": outcome.facts(), "unloaded": unloaded.facts()}
    head = ["", "sold", "refused", "5xx", "per s", "p50 ms", "p99 ms", "unloaded p50"]
    figures = [f"{outcome.per_second:.0f}", f"{outcome.p50:.1f}", f"{outcome.p99:.1f}", f"{unloaded.p50:.1f}"]
    row = ["2,000 buyers, 50 at once", str(sold), str(outcome.statuses[409]), "0", *figures]
    bench.report.table("Flash sale", head, [row])
    bench.report.add(Figure("sale: exactly 200 sold, no 5xx", str(sold), "200", True))
    bench.report.add(Figure("sale: p99 against unloaded p50", f"{factor:.1f} ×", "< 10 ×", factor < 10))


def _plan(celebrities: list[str], days: list[str]) -> Plan:
    counted = [[{"celebrity": one} for one in celebrities], [{"day": day} for day in days]]
    buyers = [{"address": f"10.20.{n // 250}.{n % 250 + 1}"} for n in range(_BUYERS)]
    headers = {"X-Forwarded-For": "{address}"}
    path = BASE + "/bookings"
    return Plan(method="POST", path=path, expects=201, headers=headers, body=_BODY, counted=counted, cycled=[buyers])


def _open(bench: Bench, celebrity: str, days: list[str]) -> None:
    """So many meetings in each of these afternoons, said by an admin."""
    with httpx.Client(base_url=bench.ours.server.url + BASE, timeout=30) as client:
        token = client.post("/auth/login", json=_ADMIN).raise_for_status().json()["data"]["token"]
        items = [
            {"date": day, "timeSlot": "afternoon", "isAvailable": True, "maxBookings": _PLACES_A_DAY} for day in days
        ]
        path, headers = f"/celebrities/{celebrity}/availability", {"Authorization": f"Bearer {token}"}
        client.put(path, json={"items": items}, headers=headers).raise_for_status()
