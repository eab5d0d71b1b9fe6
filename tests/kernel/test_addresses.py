"""Whose call it is can't be chosen by a header, save by a proxy that we trust."""

import pytest

from bookable.kernel.limits import address_key, client_address, parse_networks

PROXIES = parse_networks("10.0.0.0/8, 2001:db8:ffff::/48 ,192.0.2.7")


def scope(peer: str | None, *forwarded: str, **others: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in others.items()]
    return {"client": (peer, 1234) if peer else None, "headers": headers}


def test_without_trusted_proxies_the_peer_is_the_client_whatever_it_says() -> None:
    assert client_address(scope("203.0.113.9", "1.2.3.4"), ()) == "203.0.113.9"
    assert client_address(scope("203.0.113.9", "1.2.3.4"), PROXIES) == "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        (["6.6.6.6", "198.51.100.1", "192.0.2.7"], "198.51.100.1"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["[2001:db8::5]:4711"], "2001:db8::5"),
        (["[2001:db8::5]"], "2001:db8::5"),
        (["2001:DB8:0::5"], "2001:db8::5"),
        (["fe80::1%eth0"], "fe80::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["::ffff:10.1.1.1"], "10.1.1.1"),
        ([" \t198.51.100.1 \t"], "198.51.100.1"),
        (["198.51.100.1,"], "10.0.0.1"),
        (["6.6.6.6, unknown"], "10.0.0.1"),
        (["6.6.6.6, _hidden, 10.2.2.2"], "10.2.2.2"),
        (["6.6.6.6, 198.51.100.1 evil"], "10.0.0.1"),
        (["0x7f.1"], "10.0.0.1"),
        (["198.51.100.01"], "10.0.0.1"),
        (["198.51.100.1:port"], "10.0.0.1"),
        (["3325256705"], "10.0.0.1"),
        (["ü\xff\x00"], "10.0.0.1"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (["6.6.6.6, " * 1200 + "198.51.100.1"], "198.51.100.1"),
        (["9" * 10_000], "10.0.0.1"),
    ],
)
def test_behind_a_trusted_proxy_the_right_most_untrusted_hop_is_the_client(forwarded: list[str], client: str) -> None:
    assert client_address(scope("10.0.0.1", *forwarded), PROXIES) == client


def test_no_other_header_is_believed() -> None:
    spoofed = scope(
        "10.0.0.1",
        forwarded="for=6.6.6.6",
        x_real_ip="6.6.6.6",
        cf_connecting_ip="6.6.6.6",
        true_client_ip="6.6.6.6",
        x_client_ip="6.6.6.6",
    )

    assert client_address(spoofed, PROXIES) == "10.0.0.1"


def test_a_peer_without_an_address_is_one_client() -> None:
    assert client_address(scope(None, "6.6.6.6"), PROXIES) == "unknown"
    assert client_address(scope("testclient", "6.6.6.6"), PROXIES) == "testclient"


def test_ipv6_is_counted_by_the_64_bits_that_one_subscriber_has() -> None:
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert address_key("2001:db8:1:3::1") != address_key("2001:db8:1:2::1")
    assert address_key("198.51.100.1") == "198.51.100.1"
    assert address_key("unknown") == "unknown"


def test_a_wrong_list_of_proxies_is_named() -> None:
    assert parse_networks("") == ()
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        parse_networks("10.0.0.0/8, proxy.internal")
