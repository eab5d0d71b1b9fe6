"""An object store that speaks S3 and believes nobody: every signature is verified as AWS documents it."""

from .double import Kept, S3Double
from .signatures import Asked, Keys, Refused, check

__all__ = ["Asked", "Kept", "Keys", "Refused", "S3Double", "check"]
