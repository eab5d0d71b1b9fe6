"""Two pages for people: what runs here, and the sandbox's doors."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .ports import RootPorts

__all__ = ["routes"]

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c1c28;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}a{color:#4338ca}code{background:#f1f1f6;padding:.1em .35em;
border-radius:4px}table{border-collapse:collapse;width:100%}td,th{padding:.4rem .6rem;border-bottom:1px solid #e4e4ee;
text-align:left;vertical-align:top}.quiet{color:#62627a}
@media(prefers-color-scheme:dark){body{color:#eee;background:#15151d}code{background:#26263a}a{color:#a5b4fc}
td,th{border-color:#33334a}.quiet{color:#a0a0b8}}
"""

_DOORS = (
    ("GET /sandbox/mail?to=", "mails that were sent; DELETE empties the box"),
    ("GET /sandbox/clock", 'the clock; POST {"advanceSeconds": n} or {"now": "…"}; DELETE returns to real time'),
    ("POST /sandbox/payments/{intentId}/succeed", "also fail, authenticate, expire-authorization, dispute"),
    ("POST /sandbox/faults", '{"provider": "stripe", "mode": "down", "times": 1}; DELETE ends all trouble'),
    ("POST /sandbox/jobs/run", "works the queue off and says what was done"),
)


def routes(ports: RootPorts) -> list[Route]:
    """`/`, and `/sandbox` outside production."""

    async def home(_: Request) -> Response:
        rows = "".join(
            f"<tr><td><strong>{escape(t.name)}</strong><br><span class=quiet>{escape(t.kind)}</span></td>"
            f'<td><code>/{escape(t.slug)}</code></td><td><a href="/{escape(t.slug)}/docs">API reference</a></td></tr>'
            for t in ports.tenants.all
            if t.kind in ports.kinds
        )
        doors = '<p><a href="/sandbox">The sandbox’s doors</a></p>' if ports.sandbox else ""
        return _page(
            "Bookable",
            "<p>The backend of booking marketplaces: find, reserve, pay, talk, turn up, review.</p>"
            f"<h2>Storefronts</h2><table>{rows}</table>{doors}"
            '<p class=quiet><a href="/health">health</a> · <a href="/ready">ready</a>'
            ' · <a href="/metrics">metrics</a></p>',
        )

    async def sandbox(_: Request) -> Response:
        rows = "".join(f"<tr><td><code>{escape(d)}</code></td><td>{escape(what)}</td></tr>" for d, what in _DOORS)
        now = ports.clock.now().isoformat(timespec="seconds")
        return _page(
            "The sandbox’s doors",
            f"<p>Every provider is built in here; nothing leaves this machine. It is <code>{now}</code>.</p>"
            f'<table>{rows}</table><p><a href="/sandbox/mail">Mails</a> · <a href="/sandbox/clock">Clock</a></p>',
        )

    found = [Route("/", home)]
    return [*found, Route("/sandbox", sandbox)] if ports.sandbox else found


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
