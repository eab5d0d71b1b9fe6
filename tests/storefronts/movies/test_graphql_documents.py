"""What a GraphQL document may ask for is known before it is run, whoever wrote it."""

import hashlib
import time
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, get_introspection_query
from hypothesis import given, settings
from hypothesis_graphql import queries

from bookable.storefronts.movies.graphql.documents import MAX_LENGTH, Documents
from bookable.storefronts.movies.graphql.errors import NoSuchDocument, Refused, TooLong, Unreadable
from bookable.storefronts.movies.graphql.limits import Size, changes, measure

SDL = """
type Query { me: Person, people(limit: Int = 20): [Person!], pages(limit: Int): Page, thing: Thing }
type Mutation { rename(name: String): Person, forget: Boolean }
type Page { items: [Person!]!, total: Int! }
type Person implements Thing { id: Int!, name: String, friends(limit: Int = 20): [Person!], pages(limit: Int): Page }
interface Thing { id: Int! }
"""
SCHEMA: GraphQLSchema = build_schema(SDL)


def documents(*, hints: bool = True, kept: int = 1_000) -> Documents:
    return Documents(SCHEMA, hints=hints, kept=kept)


def size(text: str, variables: dict[str, Any] | None = None) -> Size:
    document = documents().find(text, None, keep=False)
    return measure(SCHEMA, document.node, document.operation(None), variables or {})


def nested(levels: int, leaf: str = "id") -> str:
    return "{ me " + "{ pages(limit: 1) { items " * levels + "{ " + leaf + " }" + " } }" * levels + " }"


@pytest.mark.parametrize(
    "text, cost, depth",
    [
        ("{ me { id name } }", 1, 2),
        ("{ people { id } }", 20, 2),
        ("{ people(limit: 100) { id name } }", 100, 2),
        ("{ pages(limit: 100) { items { id name } } }", 101, 3),
        ("{ pages(limit: 100) { items { id } total } }", 101, 3),
        ("{ people(limit: 10) { friends(limit: 5) { id } } }", 60, 3),
        ("{ a: me { id } b: me { id } }", 2, 2),
        ("{ thing { ... on Person { friends(limit: 3) { id } } } }", 4, 3),
        ("{ people(limit: 10) { ...F } } fragment F on Person { friends(limit: 5) { id } }", 60, 3),
        ("{ __typename }", 0, 1),
    ],
)
def test_a_query_costs_the_objects_it_may_answer(text: str, cost: int, depth: int) -> None:
    assert size(text) == Size(depth, cost)


@pytest.mark.parametrize(
    "variables, cost", [({"n": 100}, 100), ({}, 50), ({"n": None}, 20), ({"n": -5}, 1), ({"n": "many"}, 20)]
)
def test_a_limit_in_a_variable_counts_as_it_is_sent(variables: dict[str, Any], cost: int) -> None:
    assert size("query ($n: Int = 50) { people(limit: $n) { id } }", variables).cost == cost


def test_ten_fields_deep_is_deep_enough() -> None:
    assert size(nested(4)).depth == 10
    with pytest.raises(Refused, match="10 fields deep"):
        size(nested(5))


@pytest.mark.parametrize(
    "text",
    [
        "{ people(limit: 100) { friends(limit: 10) { id } } }",
        "{ people(limit: 1001) { id } }",
        "{ pages(limit: 2147483647) { items { friends(limit: 2147483647) { id } } } }",
        "{ " + " ".join(f"a{n}: people(limit: 100) {{ id }}" for n in range(11)) + " }",
    ],
)
def test_a_thousand_objects_are_enough(text: str) -> None:
    with pytest.raises(Refused, match="This costs"):
        size(text)


def bomb(length: int) -> str:
    """Each fragment spreads the next twice: 2 ** length fields where they are written out."""
    links = [
        f"fragment F{n} on Person {{ a: friends(limit: 1) {{ ...F{n + 1} }} b: friends(limit: 1) {{ ...F{n + 1} }} }}"
        for n in range(length)
    ]
    return "{ me { ...F0 } } " + " ".join(links) + f" fragment F{length} on Person {{ id }}"


CHAIN = (
    "{ me { ...F0 } } "
    + " ".join(f"fragment F{n} on Person {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    + " fragment F60 on Person { id }"
)


@pytest.mark.parametrize(
    "text, said",
    [
        ("{ me { ...A } } fragment A on Person { ...B } fragment B on Person { ...A }", "contains itself"),
        ("{ me { ...A } } fragment A on Person { friends { ...A } }", "contains itself"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }", "31 aliases"),
        ("{ me { id } } fragment X on Person { " + " ".join(f"a{n}: id" for n in range(31)) + " }", "31 aliases"),
        ("{ me { " + "... { " * 60 + "id" + " }" * 60 + " } }", "nested"),
        ("mutation { " + " ".join(f"a{n}: forget" for n in range(11)) + " }", "11 changes"),
        ("mutation { ...M } fragment M on Mutation { " + " ".join(f"a{n}: forget" for n in range(11)) + " }", "11"),
        ("{ me { ...Nowhere } }", "no fragment Nowhere"),
        ("{ nobody }", "Cannot query field"),
        (bomb(16), "aliases"),
        (bomb(15), "costs|deep|nested"),
        (CHAIN, "nested"),
    ],
)
def test_bombs_do_not_go_off(text: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(Refused, match=said):
        size(text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text", ["", "{", "{ me { id }", "nonsense", "{ " * 2_000, "{ me(a: " + "[" * 600, "{ me { } }", "#\n" * 1_500]
)
def test_what_cannot_be_read_is_malformed(text: str) -> None:
    with pytest.raises(Unreadable):
        documents().find(text, None, keep=True)


def test_a_thousand_words_are_enough_and_three_hundred_fields() -> None:
    with pytest.raises(Unreadable, match="1000"):
        size("{ me { " + "id " * 1_001 + "} }")
    for count, said in ((301, "301 fields"), (990, "990 fields")):
        with pytest.raises(Refused, match=said):
            size("{ me { " + "id " * (count - 1) + "} }")
    began = time.process_time()
    assert size("{ me { " + "id " * 299 + "} }").cost == 1
    assert time.process_time() - began < 0.5


def test_a_huge_query_is_not_even_read() -> None:
    with pytest.raises(TooLong):
        size("{ me { id } } #" + "x" * MAX_LENGTH)


def test_tools_may_read_the_schema_but_not_in_circles() -> None:
    assert size(get_introspection_query()).introspection == 15
    with pytest.raises(Refused, match=r"introspection|schema"):
        size("{ __schema { types " + "{ fields { type " * 4 + "{ name }" + " } }" * 4 + " } }")
    with pytest.raises(Refused, match="into the schema"):
        size("{ __schema { types " + "{ ofType " * 14 + "{ name }" + " }" * 14 + " } }")


def test_hints_stay_at_home_in_production() -> None:
    with pytest.raises(Refused, match="Did you mean"):
        documents(hints=True).find("{ peopl { id } }", None, keep=False)
    with pytest.raises(Refused) as refused:
        documents(hints=False).find("{ peopl { id } }", None, keep=False)
    assert "people" not in str(refused.value)


def test_each_root_field_of_a_mutation_is_a_change() -> None:
    text = "mutation { a: forget forget ...M } fragment M on Mutation { b: forget forget }"
    document = documents().find(text, None, keep=False)
    assert changes(document.node, document.operation(None)) == 3
    query = documents().find("{ me { id } }", None, keep=False)
    assert changes(query.node, query.operation(None)) == 0


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_kept_document_is_found_by_its_hash() -> None:
    kept, text = documents(), "{ me { id } }"
    with pytest.raises(NoSuchDocument):
        kept.find(None, digest(text), keep=True)
    sent = kept.find(text, digest(text), keep=True)
    assert kept.find(None, digest(text).upper(), keep=True) is sent


def test_what_nobody_signed_in_sent_is_not_kept() -> None:
    kept, text = documents(), "{ me { id } }"
    kept.find(text, digest(text), keep=False)
    with pytest.raises(NoSuchDocument):
        kept.find(None, digest(text), keep=False)


def test_a_hash_that_is_not_the_querys_is_refused_and_nothing_kept() -> None:
    kept = documents()
    with pytest.raises(Refused, match="hash"):
        kept.find("{ me { id } }", digest("{ me { name } }"), keep=True)
    with pytest.raises(NoSuchDocument):
        kept.find(None, digest("{ me { name } }"), keep=True)


def test_only_so_much_text_is_kept_and_the_used_ones_stay() -> None:
    kept = documents(kept=35)
    first, second, third = "{ me { id } }", "{ me { name } }", "{ me { id name } }"
    for text in (first, second):
        kept.find(text, None, keep=True)
    kept.find(None, digest(first), keep=True)
    kept.find(third, None, keep=True)
    with pytest.raises(NoSuchDocument):
        kept.find(None, digest(second), keep=True)
    assert kept.find(None, digest(first), keep=True)


def test_the_operation_must_be_named_where_there_are_several() -> None:
    document = documents().find("query A { me { id } } query B { me { name } }", None, keep=False)
    assert document.operation("B").name.value == "B"  # type: ignore[union-attr] # it is named
    for name in (None, "C"):
        with pytest.raises(Refused, match="operationName"):
            document.operation(name)


@settings(max_examples=60, deadline=None)
@given(queries(SDL))
def test_whatever_a_schema_allows_is_measured_or_refused(text: str) -> None:
    try:
        found = size(text)
    except (Refused, TooLong, Unreadable):
        return
    assert found.depth <= 10
    assert found.cost <= 1_000
