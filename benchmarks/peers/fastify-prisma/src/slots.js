// The parts of a day, in the celebrity's own time zone.
import { DateTime } from 'luxon';

const PARTS = { morning: [9, 12], afternoon: [12, 17], evening: [17, 21] };
const HORIZON_DAYS = 730;

export function window(date, slot, zone) {
  const [opens, closes] = PARTS[slot];
  const day = DateTime.fromISO(date, { zone });
  return { opensAt: day.set({ hour: opens }).toJSDate(), closesAt: day.set({ hour: closes }).toJSDate() };
}

export const lastDay = (zone) => DateTime.now().setZone(zone).plus({ days: HORIZON_DAYS }).toISODate();

/** The earliest free time in the window that is long enough, or null. `others` in order of their start. */
export function firstGap({ opensAt, closesAt }, minutes, others) {
  const length = minutes * 60_000;
  let start = opensAt.getTime();
  for (const other of others) {
    if (start + length <= other.startsAt.getTime()) break;
    start = Math.max(start, other.endsAt.getTime());
  }
  return start + length <= closesAt.getTime() ? { startsAt: new Date(start), endsAt: new Date(start + length) } : null;
}
