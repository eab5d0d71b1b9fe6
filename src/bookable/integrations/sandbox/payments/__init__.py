"""The sandbox's payment provider: the gateway, the payer at the other end, and the webhooks between them."""

from .gateway import SandboxGateway
from .over_http import OverHttp
from .payer import ACTS, Payer, Send
from .store import ACT, DELIVER

__all__ = ["ACT", "ACTS", "DELIVER", "OverHttp", "Payer", "SandboxGateway", "Send"]
