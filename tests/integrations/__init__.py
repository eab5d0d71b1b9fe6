"""Adapters and sandboxes, each with what is its own beside the contract it keeps."""
