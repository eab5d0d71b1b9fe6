"""Statements say nothing of what they are asked with, name their tenant, and are few."""

import itertools
import re

from bookable.domain.catalogue.queries import browse as queries
from bookable.domain.catalogue.queries.orders import ORDERS
from bookable.domain.inventory.queries import openness

FILTERS = ("category", "location", "search", "min_price", "max_price", "min_rating", "featured")
PLANS = [
    queries.Plan(frozenset(filters), order, continued, few, excluding)
    for filters in ((), ("category",), ("search",), ("corrected", "unfeatured"), FILTERS)
    for order in ORDERS
    for continued, few in itertools.product((False, True), repeat=2)
    for excluding in (None, openness.full)
    if {"search", "corrected"} & set(filters) or not (few or order == "relevance")
]


def test_every_look_at_the_open_listings_names_the_tenant() -> None:
    """In every statement that any combination of filters and orders can make."""
    for plan in PLANS:
        sql = queries.page(plan).sql
        looks = re.findall(r"(?:FROM|JOIN) open_listings\b(?: AS (\w+))?", sql)
        assert looks, plan
        for name in {alias or "open_listings" for alias in looks}:
            named = sum((alias or "open_listings") == name for alias in looks)
            assert sql.count(f"{name}.tenant_id = ") >= named, plan


def test_the_statement_is_the_same_whatever_is_asked() -> None:
    plan, same = (queries.Plan(frozenset(["search", "location"]), "rating", False, False, None) for _ in range(2))
    assert queries.page(plan) is queries.page(same)
    assert queries.matching(plan.filters).sql == queries.matching(same.filters).sql


def test_the_partial_indexes_conditions_stand_in_the_text() -> None:
    """A generic plan can use a partial index only where its condition is no parameter."""
    plan = queries.Plan(frozenset(["featured"]), "rating", False, False, None)
    assert "open_listings.is_active AND open_listings.is_featured" in queries.page(plan).sql
