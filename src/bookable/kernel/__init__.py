"""What every module stands on: the database, events and jobs, time, money, ids, errors, secrets, limits."""
