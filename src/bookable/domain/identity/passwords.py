"""A password is checked between transactions, never within one, and in the same time whoever asks."""

from .credentials import Credentials
from .errors import InvalidCredentials
from .queries import people

__all__ = ["check_password"]


async def check_password(
    credentials: Credentials, secret: people.Secret | None, password: str
) -> tuple[people.Secret, str]:
    """The secret it was checked against, and the hash to keep from now on. Raises `InvalidCredentials`.

    Takes as long when there is no account, or one without a password.
    """
    stored = None if secret is None else secret.password_hash
    right = await credentials.passwords.verify(stored, password)
    if secret is None or stored is None or not right:
        raise InvalidCredentials
    if credentials.passwords.needs_upgrade(stored):
        return secret, await credentials.passwords.hash(password)
    return secret, stored
