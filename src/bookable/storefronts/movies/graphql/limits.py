"""What one operation may ask for: so deep, so dear, so many names for the same thing; known before it is run.

Depth is the number of fields from the root to the deepest leaf. Cost is the number of objects that the answer may
hold: a field that answers objects costs 1 and a plain value nothing (it comes with its object's row), and whatever
stands below a field that takes `limit` costs `limit` times as much, lists within lists multiplying. A `limit` that is
not given counts as the schema's default, or as 20 where it has none. So a page of a hundred films costs 101, with
their owners 201, with five comments each and their authors 1,201: too much at once.
Fragments count wherever they are spread and are looked at once each, so none can grow the work of counting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from .errors import Refused

__all__ = ["MAX_ALIASES", "MAX_CHANGES", "MAX_COST", "MAX_DEPTH", "MAX_FIELDS", "Size", "allow", "changes", "measure"]

MAX_DEPTH: Final = 10
MAX_COST: Final = 1_000
MAX_ALIASES: Final = 30
"""In a whole document, used or not."""
MAX_FIELDS: Final = 300
"""In a whole document: what validating takes grows with their square."""
MAX_CHANGES: Final = 10
"""Fields at the root of one mutation; each counts as a write."""
_MAX_INTROSPECTION_DEPTH: Final = 15
"""What tools ask when they read a schema is just as deep."""
_MAX_NESTING: Final = 40
"""Selection sets within one another, fragments' too, which add no depth."""
_DEFAULT_LIMIT: Final = 20
_ENOUGH: Final = 1_000_000
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Size:
    """How deep and how dear; whether it asks for the schema itself, and how deep there."""

    depth: int = 0
    cost: int = 0
    introspection: int = 0


def allow(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Raises `Refused` for what no variable can change: length, nesting, cycles, aliases, how many changes."""
    fields, aliases = _counted(document)
    if fields > MAX_FIELDS:
        raise Refused(f"There are {fields} fields; {MAX_FIELDS} is the most.")
    if aliases > MAX_ALIASES:
        raise Refused(f"There are {aliases} aliases; {MAX_ALIASES} is the most.")
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            _Measuring(schema, document, {}).of(operation)
            if (number := changes(document, operation)) > MAX_CHANGES:
                raise Refused(f"This makes {number} changes at once; {MAX_CHANGES} is the most.")


def changes(document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """How many writes an operation is: one for each field at the root of a mutation, none for a query."""
    if operation.operation is not OperationType.MUTATION:
        return 0
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    waiting, found = [operation.selection_set], set[str]()
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                found.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and (spread := fragments.pop(node.name.value, None)):
                waiting.append(spread.selection_set)
    return len(found)


def measure(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Size:
    """The operation's size with these variables; raises `Refused` above the limits."""
    size = _Measuring(schema, document, variables).of(operation)
    if size.depth > MAX_DEPTH:
        raise Refused(f"This is more than {MAX_DEPTH} fields deep, which is the most.")
    if size.introspection > _MAX_INTROSPECTION_DEPTH:
        raise Refused(f"This looks more than {_MAX_INTROSPECTION_DEPTH} fields into the schema, which is the most.")
    if size.cost > MAX_COST:
        raise Refused(f"This costs {size.cost}; {MAX_COST} is the most. Ask for shorter lists, or less of each item.")
    return size


def _counted(document: DocumentNode) -> tuple[int, int]:
    """Fields, and aliases among them; without recursion, because nothing is known of the document yet."""
    waiting = [d.selection_set for d in document.definitions if isinstance(d, _WITH_SELECTIONS)]
    fields = aliases = 0
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                fields += 1
                aliases += node.alias is not None
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                waiting.append(inner)
    return fields, aliases


_WITH_SELECTIONS = (OperationDefinitionNode, FragmentDefinitionNode)


@dataclass(slots=True)
class _Measuring:
    """One walk over an operation; every fragment is measured once."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]
    defaults: dict[str, ValueNode] = field(default_factory=dict)
    known: dict[str, Size | None] = field(default_factory=dict)

    def of(self, operation: OperationDefinitionNode) -> Size:
        for variable in operation.variable_definitions or ():
            if variable.default_value is not None:
                self.defaults[variable.variable.name.value] = variable.default_value
        return self._set(operation.selection_set, self.schema.get_root_type(operation.operation), 0)

    def _set(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None, nesting: int) -> Size:
        if selections is None:
            return Size()
        if nesting > _MAX_NESTING:
            raise Refused(f"Selections are nested more than {_MAX_NESTING} deep.")
        sizes = list(self._each(selections, parent, nesting))
        return Size(
            max((s.depth for s in sizes), default=0),
            min(_ENOUGH, sum(s.cost for s in sizes)),
            max((s.introspection for s in sizes), default=0),
        )

    def _each(self, selections: SelectionSetNode, parent: GraphQLNamedType | None, nesting: int) -> Iterator[Size]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield self._field(node, parent, nesting)
            elif isinstance(node, FragmentSpreadNode):
                yield self._fragment(node.name.value, nesting)
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                inner = self.schema.get_type(on.name.value) if on else parent
                yield self._set(node.selection_set, inner, nesting + 1)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, nesting: int) -> Size:
        if node.name.value in _INTROSPECTION:
            inner = self._set(node.selection_set, None, nesting + 1)
            return Size(0, 0, 1 + inner.depth)
        there = self._defined(node, parent)
        kind = get_named_type(there.type) if there else None
        inner = self._set(node.selection_set, kind, nesting + 1)
        times = self._times(node, there)
        own = (times if there and _is_list(there) else 1) if is_composite_type(kind) else 0
        return Size(1 + inner.depth, min(_ENOUGH, own + times * inner.cost), inner.introspection)

    def _fragment(self, name: str, nesting: int) -> Size:
        if name in self.known:
            known = self.known[name]
            if known is None:
                raise Refused(f"The fragment {name} contains itself.")
            return known
        self.known[name] = None
        for one in self.document.definitions:
            if isinstance(one, FragmentDefinitionNode) and one.name.value == name:
                on = self.schema.get_type(one.type_condition.name.value)
                self.known[name] = size = self._set(one.selection_set, on, nesting + 1)
                return size
        raise Refused(f"There is no fragment {name}.")

    @staticmethod
    def _defined(node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            found: GraphQLField | None = parent.fields.get(node.name.value)
            return found
        return None

    def _times(self, node: FieldNode, there: GraphQLField | None) -> int:
        """How often what stands below a field may come."""
        argument = there.args.get("limit") if there else None
        if argument is None:
            return 1
        given = next((a.value for a in node.arguments or () if a.name.value == "limit"), None)
        return max(1, min(_ENOUGH, self._number(given, _default(argument))))

    def _number(self, given: ValueNode | None, default: int) -> int:
        if isinstance(given, VariableNode):
            name = given.name.value
            if name in self.variables:
                value = self.variables[name]
                return int(value) if isinstance(value, int | float) else default
            return self._number(self.defaults.get(name), default)
        return int(given.value) if isinstance(given, IntValueNode) else default


def _is_list(there: GraphQLField) -> bool:
    kind = there.type
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _default(argument: GraphQLArgument) -> int:
    return argument.default_value if isinstance(argument.default_value, int) else _DEFAULT_LIMIT
