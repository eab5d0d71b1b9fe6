"""Every provider with no account at all: the same ports, stateful, shared by all processes, failing on request."""

from . import clock
from .airline import SandboxAirline
from .faults import PROVIDERS, Faults, strike
from .mail import Mailbox, SandboxMailer
from .objects import SandboxStore
from .payments import ACT, DELIVER, OverHttp, Payer, SandboxGateway, Send

__all__ = [
    "ACT",
    "DELIVER",
    "PROVIDERS",
    "Faults",
    "Mailbox",
    "OverHttp",
    "Payer",
    "SandboxAirline",
    "SandboxGateway",
    "SandboxMailer",
    "SandboxStore",
    "Send",
    "clock",
    "strike",
]
