// JSON Schemas: Fastify checks what comes in and compiles serialisers for what goes out.
const text = { type: 'string' };
const textOrNull = { type: 'string', nullable: true };
const whole = { type: 'integer' };
const yesOrNo = { type: 'boolean' };

const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties) });
const answer = (properties) => object({ success: { type: 'boolean', const: true }, data: object(properties) });

export const celebrity = object({
  id: text,
  username: text,
  displayName: text,
  category: text,
  bio: text,
  location: textOrNull,
  avatarUrl: textOrNull,
  coverPhotoUrl: textOrNull,
  quickMeetPriceCents: { type: 'integer', nullable: true },
  standardMeetPriceCents: { type: 'integer', nullable: true },
  premiumMeetPriceCents: { type: 'integer', nullable: true },
  currency: text,
  averageRating: { type: 'number' },
  totalReviews: whole,
  totalBookings: whole,
  isVerified: yesOrNo,
  isFeatured: yesOrNo,
  isActive: yesOrNo,
  isFavorite: { type: 'boolean', nullable: true },
  timeZone: text,
  createdAt: text,
});

const move = object({ from: textOrNull, to: text, at: text, by: text, reason: textOrNull });

const payment = {
  ...object({
    id: text,
    bookingId: text,
    amountCents: whole,
    currency: text,
    status: text,
    paymentMethodType: textOrNull,
    cardBrand: textOrNull,
    last4: textOrNull,
    refundAmountCents: whole,
    paidAt: textOrNull,
    refundedAt: textOrNull,
  }),
  nullable: true,
};

const booking = object({
  id: text,
  bookingNumber: text,
  status: text,
  celebrity: object({ id: text, username: text, displayName: text, avatarUrl: textOrNull }),
  meetingType: text,
  date: text,
  timeSlot: text,
  startsAt: text,
  endsAt: text,
  contactName: text,
  contactEmail: text,
  contactPhone: textOrNull,
  specialRequests: textOrNull,
  subtotalCents: whole,
  platformFeeCents: whole,
  discountCents: whole,
  taxCents: whole,
  totalCents: whole,
  currency: text,
  payment,
  holdExpiresAt: textOrNull,
  timeline: { type: 'array', items: move },
  createdAt: text,
  confirmedAt: textOrNull,
  completedAt: textOrNull,
  cancelledAt: textOrNull,
});

export const listCelebrities = {
  querystring: {
    type: 'object',
    properties: {
      page: { type: 'integer', minimum: 1, default: 1 },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      category: { type: 'string', maxLength: 80 },
    },
  },
  response: {
    200: answer({
      items: { type: 'array', items: celebrity },
      page: whole,
      limit: whole,
      total: whole,
      totalPages: whole,
      nextCursor: textOrNull,
    }),
  },
};

export const getBooking = {
  params: object({ id: { type: 'string', format: 'uuid' } }),
  response: { 200: answer({ booking }) },
};

export const placeBooking = {
  body: {
    type: 'object',
    required: ['celebrityId', 'meetingType', 'date', 'timeSlot', 'contactName', 'contactEmail'],
    properties: {
      celebrityId: { type: 'string', format: 'uuid' },
      meetingType: { enum: ['quick', 'standard', 'premium'] },
      date: { type: 'string', format: 'date' },
      timeSlot: { enum: ['morning', 'afternoon', 'evening'] },
      contactName: { type: 'string', minLength: 1, maxLength: 100 },
      contactEmail: { type: 'string', format: 'email', maxLength: 254 },
      contactPhone: { type: 'string', maxLength: 40, nullable: true },
      specialRequests: { type: 'string', maxLength: 2000, nullable: true },
    },
  },
  response: { 201: answer({ booking }) },
};
