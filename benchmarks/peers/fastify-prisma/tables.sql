CREATE TABLE listings (
    id uuid PRIMARY KEY,
    username text NOT NULL UNIQUE,
    display_name text NOT NULL,
    category text NOT NULL,
    bio text NOT NULL,
    location text,
    avatar_url text,
    cover_url text,
    time_zone text NOT NULL,
    currency text NOT NULL,
    average_rating double precision NOT NULL,
    rating_count integer NOT NULL,
    bookings_count integer NOT NULL,
    is_verified boolean NOT NULL,
    is_featured boolean NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ON listings (average_rating, rating_count, id);

CREATE TABLE offers (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings,
    name text NOT NULL,
    duration_minutes integer NOT NULL,
    price_cents integer NOT NULL,
    is_active boolean NOT NULL,
    UNIQUE (listing_id, name)
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE
);

CREATE TABLE favourites (
    user_id uuid NOT NULL REFERENCES users,
    listing_id uuid NOT NULL REFERENCES listings,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, listing_id)
);

CREATE TABLE calendar_slots (
    listing_id uuid NOT NULL REFERENCES listings,
    day date NOT NULL,
    slot text NOT NULL,
    is_open boolean NOT NULL DEFAULT true,
    capacity integer NOT NULL DEFAULT 1,
    taken integer NOT NULL DEFAULT 0,
    PRIMARY KEY (listing_id, day, slot)
);

CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    user_id uuid NOT NULL REFERENCES users,
    listing_id uuid NOT NULL REFERENCES listings,
    offer text NOT NULL,
    status text NOT NULL,
    day date NOT NULL,
    slot text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    contact_name text NOT NULL,
    contact_email text NOT NULL,
    contact_phone text,
    special_requests text,
    currency text NOT NULL,
    subtotal_cents integer NOT NULL,
    platform_fee_cents integer NOT NULL,
    discount_cents integer NOT NULL,
    tax_cents integer NOT NULL,
    total_cents integer NOT NULL,
    hold_expires_at timestamptz,
    timeline jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    UNIQUE (listing_id, starts_at)
);
CREATE INDEX ON bookings (listing_id, day, slot);
CREATE INDEX ON bookings (user_id, created_at);

CREATE TABLE payments (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL UNIQUE REFERENCES bookings,
    amount_cents integer NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    method_type text,
    card_brand text,
    last4 text,
    refunded_cents integer NOT NULL DEFAULT 0,
    paid_at timestamptz,
    refunded_at timestamptz
);

CREATE TABLE outbox (
    id bigserial PRIMARY KEY,
    name text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
