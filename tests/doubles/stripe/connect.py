"""Connected accounts: their balances, transfers to them and payouts from them."""

from tests.doubles.stripe.wire import Json, Refusal
from tests.doubles.stripe.world import World

__all__ = ["account_link", "create_account", "onboard", "payout", "settle_payout", "transfer"]


def create_account(world: World, params: Json) -> Json:
    """`POST /v1/accounts`: nothing is enabled until `onboard`."""
    return world.add(
        "acct",
        business_type=params.get("business_type"),
        capabilities=dict.fromkeys(params.get("capabilities", {}), "inactive"),
        charges_enabled=False,
        controller=params.get("controller"),
        country=params.get("country", "US"),
        default_currency="usd",
        details_submitted=False,
        email=params.get("email"),
        metadata=params.get("metadata") or {},
        payouts_enabled=False,
        requirements={"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"},
        type=params.get("type", "none"),
    )


def onboard(world: World, account_id: str) -> Json:
    """The person behind the account has filled in everything."""
    account = world.find("acct", account_id)
    account |= {"charges_enabled": True, "payouts_enabled": True, "details_submitted": True}
    account["capabilities"] = dict.fromkeys(account["capabilities"], "active")
    account["requirements"] = {"currently_due": [], "disabled_reason": None}
    world.emit("account.updated", account, account=account_id)
    return account


def account_link(world: World, params: Json) -> Json:
    """`POST /v1/account_links`."""
    account = world.find("acct", params["account"], param="account")
    now = world.now()
    url = f"https://connect.stripe.test/setup/{account['id']}"
    return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}


def transfer(world: World, params: Json) -> Json:
    """`POST /v1/transfers`: into the balance of an account that can take it."""
    account = world.find("acct", params["destination"], param="destination")
    if not account["payouts_enabled"]:
        text = "Your destination account needs to have at least one of the following capabilities enabled."
        raise Refusal(400, text, code="insufficient_capabilities_for_transfer")
    currency, amount = params["currency"], params["amount"]
    world.balances[account["id"], currency] = _balance(world, account["id"], currency) + amount
    made = world.add(
        "tr",
        amount=amount,
        amount_reversed=0,
        currency=currency,
        description=params.get("description"),
        destination=account["id"],
        metadata=params.get("metadata") or {},
        reversed=False,
        source_transaction=params.get("source_transaction"),
        transfer_group=params.get("transfer_group"),
    )
    world.emit("transfer.created", made)
    return made


def payout(world: World, params: Json) -> Json:
    """`POST /v1/payouts` in the name of a connected account; the platform's own is not counted."""
    account, currency, amount = world.asked.account, params["currency"], params["amount"]
    if account:
        left = _balance(world, account, currency) - amount
        if left < 0:
            text = "You have insufficient funds in your Stripe account for this transfer."
            raise Refusal(400, text, code="balance_insufficient")
        world.balances[account, currency] = left
    made = world.add(
        "po",
        amount=amount,
        currency=currency,
        description=params.get("description"),
        failure_code=None,
        metadata=params.get("metadata") or {},
        method=params.get("method", "standard"),
        status="pending",
    )
    world.owners[made["id"]] = account
    world.emit("payout.created", made, account=account)
    return made


def settle_payout(world: World, payout_id: str, *, ok: bool) -> Json:
    """It reached the bank; or it failed, even after it was paid, and the money is back in the balance."""
    made = world.find("po", payout_id)
    if made["status"] == "failed":
        return made
    account = world.owners[payout_id]
    made["status"] = "paid" if ok else "failed"
    if not ok:
        made["failure_code"] = "account_closed"
        if account:
            key = (account, made["currency"])
            world.balances[key] = _balance(world, *key) + made["amount"]
    world.emit("payout.paid" if ok else "payout.failed", made, account=account)
    return made


def _balance(world: World, account: str, currency: str) -> int:
    return world.balances.get((account, currency), 0)
