"""The outer rim towards providers: one adapter a port, and beside it a sandbox that needs no account."""
