"""Why a backup was not made or not restored."""

__all__ = ["BackupError"]


class BackupError(Exception):
    """It could not be done, and nothing is half done; the text is one line for whoever looks after the house."""
