// Bookings: one looked at, and one placed without ever placing two in the same time.
import { randomInt } from 'node:crypto';

import { Prisma } from '@prisma/client';

import { Refusal } from './errors.js';
import { getBooking, placeBooking } from './schemas.js';
import { firstGap, lastDay, window } from './slots.js';

const FEE_BPS = 1500;
const TAX_BPS = 800;
const HOLD_MS = 15 * 60_000;
const FACE = { id: true, username: true, displayName: true, avatarUrl: true };

export async function bookings(app) {
  const { prisma } = app;

  app.get('/bookings/:id', { schema: getBooking, onRequest: app.signedIn }, async (request) => {
    const booking = await prisma.booking.findFirst({
      where: { id: request.params.id, userId: request.user.sub },
      include: { celebrity: { select: FACE }, payment: true },
    });
    if (!booking) throw new Refusal(404, 'NOT_FOUND', 'There is no such booking.');
    return { success: true, data: { booking: shape(booking) } };
  });

  app.post('/bookings', { schema: placeBooking, onRequest: app.signedIn }, async (request, reply) => {
    const asked = request.body;
    const offer = await offerOf(prisma, asked);
    const place = openWindow(asked, offer.celebrity.timeZone);
    const booking = await placed(prisma, request.user.sub, asked, offer, place);
    reply.code(201);
    return { success: true, data: { booking: shape(booking) } };
  });
}

async function offerOf(prisma, asked) {
  const offer = await prisma.offer.findFirst({
    where: {
      celebrityId: asked.celebrityId,
      name: asked.meetingType,
      isActive: true,
      celebrity: { isActive: true },
    },
    include: { celebrity: { select: { ...FACE, timeZone: true, currency: true } } },
  });
  if (!offer) throw new Refusal(404, 'NOT_FOUND', 'There is no such celebrity.');
  return offer;
}

function openWindow(asked, timeZone) {
  const place = window(asked.date, asked.timeSlot, timeZone);
  const invalid = (field, message) =>
    new Refusal(422, 'VALIDATION_ERROR', 'Something is not as it must be.', { fields: [{ field, message }] });
  if (place.opensAt <= new Date()) throw invalid('timeSlot', 'This part of the day has begun already.');
  if (asked.date > lastDay(timeZone)) throw invalid('date', 'At most 730 days ahead can be booked.');
  return place;
}

async function placed(prisma, userId, asked, offer, place) {
  try {
    return await prisma.$transaction((tx) => take(tx, userId, asked, offer, place));
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && ['P2002', 'P2034'].includes(error.code)) {
      throw unavailable();
    }
    throw error;
  }
}

// The slot is counted first: its row stays locked until the end, so what is read after that holds.
async function take(tx, userId, asked, offer, place) {
  const key = { celebrityId: asked.celebrityId, day: new Date(asked.date), slot: asked.timeSlot };
  const slot = await tx.calendarSlot.upsert({
    where: { celebrityId_day_slot: key },
    create: { ...key, taken: 1 },
    update: { taken: { increment: 1 } },
  });
  if (!slot.isOpen || slot.taken > slot.capacity) throw unavailable();
  const others = await tx.booking.findMany({
    where: { celebrityId: asked.celebrityId, date: key.day, timeSlot: asked.timeSlot, status: { not: 'cancelled' } },
    select: { startsAt: true, endsAt: true },
    orderBy: { startsAt: 'asc' },
  });
  const time = firstGap(place, offer.durationMinutes, others);
  if (!time) throw unavailable();
  const booking = await tx.booking.create({ data: row(userId, asked, offer, time) });
  await tx.outboxEvent.create({ data: { name: 'BookingPlaced', payload: { bookingId: booking.id } } });
  return { ...booking, celebrity: offer.celebrity, payment: null };
}

function row(userId, asked, offer, time) {
  const now = new Date();
  const fee = share(offer.priceCents, FEE_BPS);
  const tax = share(offer.priceCents + fee, TAX_BPS);
  return {
    bookingNumber: `BK-${now.getUTCFullYear()}-${String(randomInt(1e12)).padStart(12, '0')}`,
    userId,
    celebrityId: asked.celebrityId,
    meetingType: asked.meetingType,
    status: 'pending',
    date: new Date(asked.date),
    timeSlot: asked.timeSlot,
    ...time,
    contactName: asked.contactName,
    contactEmail: asked.contactEmail,
    contactPhone: asked.contactPhone,
    specialRequests: asked.specialRequests,
    currency: offer.celebrity.currency,
    subtotalCents: offer.priceCents,
    platformFeeCents: fee,
    discountCents: 0,
    taxCents: tax,
    totalCents: offer.priceCents + fee + tax,
    holdExpiresAt: new Date(now.getTime() + HOLD_MS),
    timeline: [{ from: null, to: 'pending', at: now.toISOString(), by: 'customer', reason: null }],
    createdAt: now,
  };
}

const share = (cents, bps) => Math.floor((cents * bps + 5000) / 10_000);
const unavailable = () => new Refusal(409, 'SLOT_UNAVAILABLE', 'This time is taken.');
const instant = (date) => date?.toISOString() ?? null;

function shape(booking) {
  return {
    ...booking,
    date: booking.date.toISOString().slice(0, 10),
    startsAt: instant(booking.startsAt),
    endsAt: instant(booking.endsAt),
    holdExpiresAt: instant(booking.holdExpiresAt),
    createdAt: instant(booking.createdAt),
    confirmedAt: instant(booking.confirmedAt),
    completedAt: instant(booking.completedAt),
    cancelledAt: instant(booking.cancelledAt),
    payment: booking.payment && paid(booking.payment),
  };
}

const paid = (payment) => ({
  ...payment,
  paidAt: instant(payment.paidAt),
  refundedAt: instant(payment.refundedAt),
});
