"""The statements of bookings, by what they are about."""
