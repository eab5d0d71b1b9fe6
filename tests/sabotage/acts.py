"""The acts: what is made wrong, and where it must be noticed. `honest` stands in its file exactly once."""

from dataclasses import dataclass

__all__ = ["ACTS", "Act"]


@dataclass(frozen=True, slots=True)
class Act:
    """One line made wrong. `tests` are paths or node ids, of which at least one must go red."""

    name: str
    file: str
    honest: str
    wrong: str
    tests: tuple[str, ...]


_BOOKINGS = tuple(f"tests/domain/bookings/test_{name}.py" for name in ("ending", "paying", "placing", "pricing"))
_PAYMENTS = ("tests/domain/payments",)
_IDENTITY = ("tests/domain/identity",)
_ROWS = ("tests/kernel/test_row_security.py", "tests/kernel/test_db.py")
_KEYS = ("tests/storefronts/test_keys.py",)
_ACCESS = ("tests/storefronts/test_access.py",)
_FILMS = ("tests/storefronts/movies/test_movies.py", "tests/domain/films")
_TRAVEL = ("tests/storefronts/travel/test_flights.py", "tests/storefronts/travel/test_bookings.py")

ACTS = (
    # Inventory
    Act(
        "time may overlap",
        "migrations/versions/0001_ground_floor.py",
        '(sa.literal_column("during"), "&&"),',
        '(sa.literal_column("during"), "="),',
        ("tests/domain/inventory", "tests/races/test_slots.py"),
    ),
    Act(
        "a slot is counted beyond its room",
        "src/bookable/domain/inventory/queries/slots.py",
        "where=sa.and_(_s.is_open, _s.taken < _s.capacity),",
        "where=_s.is_open,",
        ("tests/domain/inventory", "tests/races/test_slots.py"),
    ),
    Act(
        "a closed slot is sold",
        "src/bookable/domain/inventory/queries/slots.py",
        "where=sa.and_(_s.is_open, _s.taken < _s.capacity),",
        "where=_s.taken < _s.capacity,",
        ("tests/domain/inventory",),
    ),
    Act(
        "a pool sells one place too many",
        "src/bookable/domain/inventory/queries/pools.py",
        ".where(_p.tenant_id == TENANT, _p.id == _POOL, _p.taken + _QUANTITY <= _p.capacity)\n    .returning(_p.id)",
        ".where(_p.tenant_id == TENANT, _p.id == _POOL, _p.taken <= _p.capacity)\n    .returning(_p.id)",
        ("tests/domain/inventory", "tests/races/test_pools.py"),
    ),
    Act(
        "what is released stays counted",
        "src/bookable/domain/inventory/queries/holders.py",
        ".values(taken=_s.taken - _by_slot.c.n)",
        ".values(taken=_s.taken)",
        ("tests/domain/inventory",),
    ),
    Act(
        "holds never lapse",
        "src/bookable/domain/inventory/queries/parts.py",
        "return expires_at <= app_now()",
        "return expires_at < sa.func.to_timestamp(0)",
        ("tests/domain/inventory",),
    ),
    Act(
        "a meeting that ends touches the one that begins",
        "src/bookable/domain/inventory/queries/parts.py",
        "return sa.func.tstzrange(start, end, type_=pg.TSTZRANGE)",
        "return sa.func.tstzrange(start, end, sa.literal_column(\"'[]'\"), type_=pg.TSTZRANGE)",
        ("tests/domain/inventory",),
    ),
    # Bookings
    Act(
        "a state changes whatever it was judged by",
        "src/bookable/domain/bookings/queries/writing.py",
        '        _b.id == uuid("id"),\n        _b.status == sa.bindparam("stored", type_=sa.Text),\n',
        '        _b.id == uuid("id"),\n        sa.bindparam("stored", type_=sa.Text).is_not(None),\n',
        _BOOKINGS,
    ),
    Act(
        "tax forgets the discount",
        "src/bookable/domain/bookings/pricing.py",
        "tax = share_bps(subtotal + fee - discount, policy.tax_bps)",
        "tax = share_bps(subtotal + fee, policy.tax_bps)",
        _BOOKINGS,
    ),
    Act(
        "two days before is too late for everything back",
        "src/bookable/domain/bookings/policy.py",
        "if starts_at - now >= t.notice)",
        "if starts_at - now > t.notice)",
        _BOOKINGS,
    ),
    Act(
        "strangers may move a booking",
        "src/bookable/domain/bookings/moving.py",
        "(By.CUSTOMER, actor.id is not None and actor.id == booking.owner_id),",
        "(By.CUSTOMER, actor.id is not None),",
        _BOOKINGS,
    ),
    Act(
        "money that comes too late keeps the booking",
        "src/bookable/domain/bookings/paying.py",
        "    except (inventory.SlotTaken, inventory.SoldOut):\n        return False",
        "    except (inventory.SlotTaken, inventory.SoldOut):\n        return True",
        _BOOKINGS,
    ),
    Act(
        "money for a cancelled booking is kept",
        "src/bookable/domain/bookings/paying.py",
        "elif booking.status in (Status.CANCELLED, Status.DECLINED, Status.REFUNDED):",
        "elif booking.status in (Status.DECLINED, Status.REFUNDED):",
        _BOOKINGS,
    ),
    # Payments and the ledger
    Act(
        "a movement need not be zero in sum",
        "migrations/versions/0001_ground_floor.py",
        'sa.CheckConstraint("ledger_sum(amounts) = 0"',
        'sa.CheckConstraint("ledger_sum(amounts) IS NOT NULL"',
        ("tests/domain/ledger",),
    ),
    Act(
        "refunds exceed the capture",
        "src/bookable/domain/payments/queries/refunds.py",
        ".where(a_payment, _wanted > 0, _wanted <= _left)",
        ".where(a_payment, _wanted > 0)",
        _PAYMENTS,
    ),
    Act(
        "a refund has a new key for every try",
        "src/bookable/domain/payments/refunding.py",
        'key=f"refund:{sending.id}:{(sending.tries - 1) // _TRIES_A_KEY}",',
        'key=f"refund:{sending.id}:{sending.tries}",',
        _PAYMENTS,
    ),
    Act(
        "an old look undoes what happened since",
        "src/bookable/domain/payments/settling.py",
        "if moves and to not in _LAST_WORDS and payment.version != basis:",
        "if False and payment.version != basis:",
        _PAYMENTS,
    ),
    Act(
        "the failure of another attempt counts",
        "src/bookable/domain/payments/settling.py",
        "if payment.attempt != attempt or payment.status not in UNPAID:",
        "if payment.status not in UNPAID:",
        _PAYMENTS,
    ),
    Act(
        "signatures from the future hold",
        "src/bookable/integrations/signatures.py",
        "abs(now - int(stamp)) > TOLERANCE",
        "now - int(stamp) > TOLERANCE",
        ("tests/integrations/test_signatures.py",),
    ),
    Act(
        "half a signature is enough",
        "src/bookable/integrations/signatures.py",
        "hmac.compare_digest(expected, given.encode())",
        "hmac.compare_digest(expected[:32], given.encode()[:32])",
        ("tests/integrations/test_signatures.py",),
    ),
    # Identity
    Act(
        "a spent refresh token ends nothing",
        "src/bookable/domain/identity/sessions.py",
        "    await revoke(tx, token.session_id)\n    await publish(tx, SessionStolen(user_id=user_id))",
        "    await publish(tx, SessionStolen(user_id=user_id))",
        _IDENTITY,
    ),
    Act(
        "two tabs log each other out",
        "src/bookable/domain/identity/sessions.py",
        "if not (standing.in_grace and standing.generation == successor.generation):",
        "if True:",
        _IDENTITY,
    ),
    Act(
        "suspended people stay signed in",
        "src/bookable/domain/identity/queries/sessions.py",
        "users.c.suspended_at.is_(None),\n        users.c.deleted_at.is_(None),\n    )\n    .values(",
        "users.c.deleted_at.is_(None),\n    )\n    .values(",
        _IDENTITY,
    ),
    Act(
        "a token is worth something in every tenant",
        "src/bookable/kernel/security/tokens.py",
        "if claims.tenant_id != audience or claims.expires_at",
        "if claims.expires_at",
        ("tests/kernel/test_tokens.py", "tests/storefronts/starrymeet/test_auth.py"),
    ),
    Act(
        "a token's header is followed",
        "src/bookable/kernel/security/tokens.py",
        "if not header.keys() <= _HEADER or (header",
        "if (header",
        ("tests/kernel/test_tokens.py",),
    ),
    Act(
        "a token of another kind of key holds",
        "src/bookable/kernel/security/tokens.py",
        '(header["typ"], header["alg"]) != (_TYPE, algorithm)',
        'header["alg"] != algorithm',
        ("tests/kernel/test_tokens.py",),
    ),
    # Kernel
    Act(
        "context outlives its transaction",
        "src/bookable/kernel/db/database.py",
        "text += f\";SET LOCAL app.user_id='{actor.id}'\"",
        "text += f\";SET app.user_id='{actor.id}'\"",
        _ROWS,
    ),
    Act(
        "the database lets its owner's rights through",
        "src/bookable/kernel/db/database.py",
        'server_settings={**_SETTINGS, "role": role},',
        'server_settings={k: v for k, v in _SETTINGS.items() if k != "role"},',
        _ROWS,
    ),
    Act(
        "a cancelled caller's connection is used again",
        "src/bookable/kernel/db/database.py",
        "            if not sound:\n                conn.terminate()\n",
        "",
        ("tests/kernel/test_db.py",),
    ),
    Act(
        "jobs are deferred although nothing was committed",
        "src/bookable/kernel/db/transaction.py",
        "            del self.deferred[mark:]\n",
        "",
        ("tests/kernel/test_db.py", "tests/kernel/test_jobs.py"),
    ),
    Act(
        "a sealed value opens in another place",
        "src/bookable/kernel/security/sealing.py",
        'return b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))',
        "return self.table.encode()",
        ("tests/kernel/test_sealing.py",),
    ),
    Act(
        "a key stands for every request",
        "src/bookable/kernel/idempotency/__init__.py",
        "    if kept.fingerprint != fingerprint:\n        raise KeyReused\n",
        "",
        _KEYS,
    ),
    Act(
        "whoever was thought dead commits all the same",
        "src/bookable/kernel/idempotency/__init__.py",
        "    if not kept:\n        raise InProgress(retry_after=1)\n",
        "",
        _KEYS,
    ),
    Act(
        "the living are taken for dead",
        "src/bookable/kernel/idempotency/queries.py",
        ", sa.func.pg_try_advisory_xact_lock(keys.c.holder)\n",
        "\n",
        _KEYS,
    ),
    Act(
        "a dead process keeps its keys",
        "src/bookable/kernel/idempotency/queries.py",
        "sa.or_(keys.c.locked_until <= app_now(), _its_holder_is_dead),",
        "keys.c.locked_until <= app_now(),",
        _KEYS,
    ),
    Act(
        "one tenant's failure ends everybody's turn",
        "src/bookable/kernel/jobs/workshop.py",
        "        with suppress(Exception):\n            await self._observed(name, work)\n",
        "        with suppress(ZeroDivisionError):\n            await self._observed(name, work)\n",
        ("tests/kernel/test_jobs.py",),
    ),
    Act(
        "what was sent is read, however much it is",
        "src/bookable/domain/media/store.py",
        'if found.meta["size"] != size:',
        "if False:",
        ("tests/contracts/test_picture_store.py",),
    ),
    Act(
        "a client says where it comes from",
        "src/bookable/kernel/limits/addresses.py",
        "if trusted and _is_among(nearest, trusted):",
        "if True:",
        ("tests/kernel/test_addresses.py",),
    ),
    Act(
        "what is refused counts for nothing here",
        "src/bookable/kernel/limits/limiter.py",
        "        if let_in:\n            self._local.add(limit, key)\n        return let_in, standing\n",
        "        return True, standing\n",
        ("tests/kernel/test_limits.py",),
    ),
    Act(
        "any page may read with cookies",
        "src/bookable/edge/cors.py",
        "if origin is None or origin not in self._allowed:\n            return self._others",
        "if origin is None or origin not in self._allowed:\n            return _for_origin((origin or b'').decode())",
        ("tests/kernel/test_edge_cors.py",),
    ),
    # Who may do what
    Act(
        "whoever has signed in may do what is for admins",
        "src/bookable/storefronts/kit/routes.py",
        "if operation.roles and call.actor.role not in operation.roles:",
        "if operation.roles and call.actor.id is None:",
        _ACCESS,
    ),
    Act(
        "an admin completes anybody's upload",
        "src/bookable/domain/media/queries/uploads.py",
        "own = query(sa.select(*_shown).where(_here, uploads.c.owner_id == _owner), Upload)",
        "own = query(sa.select(*_shown).where(_here, _owner.is_not(None)), Upload)",
        _ACCESS,
    ),
    Act(
        "whoever knows a booking may pay for it",
        "src/bookable/domain/bookings/paying.py",
        "if booking.owner_id != tx.actor.id and not tx.actor.is_admin:",
        "if False:",
        _ACCESS,
    ),
    # Movies
    Act(
        "another's film is shown",
        "src/bookable/domain/films/queries/reading.py",
        "one = query(_one.where(films.c.id == film_id, films.c.owner_id == owner), Film)",
        "one = query(_one.where(films.c.id == film_id, owner.is_not(None)), Film)",
        _FILMS,
    ),
    Act(
        "a list is everybody's",
        "src/bookable/domain/films/queries/reading.py",
        "return [f.tenant_id == tenant, f.owner_id == owner, *found]",
        "return [f.tenant_id == tenant, owner.is_not(None), *found]",
        _FILMS,
    ),
    Act(
        "anybody comments on what is not shared",
        "src/bookable/domain/films/sharing.py",
        "if film.owner_id != tx.actor.id and film.share_token is None:",
        "if False:",
        _FILMS,
    ),
    Act(
        "foreign pages refresh a session",
        "src/bookable/storefronts/movies/cookies.py",
        'elif origin not in (_origin(call.ports.frontend_url), *_own(headers.get("host", ""))):',
        "elif False:",
        ("tests/storefronts/movies/test_auth.py",),
    ),
    Act(
        "an address that was changed is believed",
        "src/bookable/storefronts/movies/uploads.py",
        "    except (SealBroken, NotBase64, UnicodeEncodeError):\n        raise BadSignature from None",
        "    except (SealBroken, NotBase64, UnicodeEncodeError):\n        return",
        ("tests/storefronts/movies/test_uploads.py",),
    ),
    Act(
        "GraphQL is as deep as anybody likes",
        "src/bookable/storefronts/movies/graphql/limits.py",
        "if size.depth > MAX_DEPTH:",
        "if size.depth > 10 * MAX_DEPTH:",
        ("tests/storefronts/movies/test_graphql_documents.py",),
    ),
    # Travel
    Act(
        "a search forgets who travels",
        "src/bookable/domain/flights/searching.py",
        'whole = msgspec.json.encode((desk.provider.name, query), order="deterministic")',
        "whole = msgspec.json.encode((query.origin, query.destination, query.departure_date, query.adults))",
        _TRAVEL,
    ),
    Act(
        "the price that was shown is not asked about",
        "src/bookable/domain/flights/placing.py",
        "standing = await _recheck(db, actor, desk, known)",
        "standing = known.offer",
        _TRAVEL,
    ),
    Act(
        "what is refused is not given back",
        "src/bookable/domain/flights/ordering.py",
        'await bookings.decline_supplied(tx, booking_id, because=f"The airline did not take the order. {why.text}")',
        "why.text",
        _TRAVEL,
    ),
    Act(
        "passports are written down as they are",
        "src/bookable/domain/flights/placing.py",
        "sealed = desk.sealer.seal(number, aad=sealed_to(tx.actor.tenant_id, traveller_id)) if number else None",
        "sealed = number.encode() if number else None",
        ("tests/storefronts/travel/test_row_security.py",),
    ),
)
