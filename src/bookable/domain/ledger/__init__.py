"""Every movement of money and points, double-entry: written once, never changed, zero in sum, sealed in a hash chain.

A movement adds amounts to accounts that together come to zero. What we hold is positive, what we owe negative.

| account | what its balance says |
|---|---|
| `customer:{owner}` | what this customer still owes (0 once the money came) |
| `gateway:{provider}` | what lies with the payment provider for us (clearing) |
| `platform:fees` | our fees, earned: negative |
| `tax` | tax taken, owed to the authorities: negative |
| `payable:{payee}` | what this provider has earned and not been paid: negative |
| `refunds` | promised back to customers and not gone yet: negative |
| `disputes` | taken back by payers' banks, for us to win or to lose |
| `payouts:{provider}` | moved from the provider to our own bank |
| `points:{user}` · `points:issued` | loyalty points, in the unit `POINTS` |

Movements of payments: `charge` (customer +, payable −, fees −, tax −), `capture` (gateway +, customer −),
`refund` (payable, fees, tax +, refunds −), `refund_paid` (refunds +, gateway −), `refund_failed` and
`refund_returned` (their reverses), `dispute` (disputes +, gateway −), `dispute_won` (its reverse),
`payout` (payable or payouts +, gateway −).
"""

from .checking import check
from .moving import balance, balances, by_month, move, statement
from .records import Line, Monthly, Problem, Report
from .sealing import seal

__all__ = [
    "Line",
    "Monthly",
    "Problem",
    "Report",
    "balance",
    "balances",
    "by_month",
    "check",
    "move",
    "seal",
    "statement",
]
