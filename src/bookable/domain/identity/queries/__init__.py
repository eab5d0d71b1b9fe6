"""Reading and writing people, their sessions, what was taken back, and their single-use tokens."""
