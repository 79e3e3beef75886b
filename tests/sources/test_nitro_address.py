"""Which texts are addresses of an appliance, what they mean, and what the others are told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from mptcp_top.errors import SettingsError
from mptcp_top.sources.nitro.address import Address, address_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ns1", ("https", "ns1", 443)),
        ("ns1.example.net", ("https", "ns1.example.net", 443)),
        ("ns1.example.net.", ("https", "ns1.example.net.", 443)),
        ("ns_1", ("https", "ns_1", 443)),
        ("10.0.0.1", ("https", "10.0.0.1", 443)),
        ("10.0.0.1:8443", ("https", "10.0.0.1", 8443)),
        ("https://ns1", ("https", "ns1", 443)),
        ("HTTPS://NS1/", ("https", "NS1", 443)),
        ("https://ns1:443", ("https", "ns1", 443)),
        ("http://ns1", ("http", "ns1", 80)),
        ("http://ns1:8080/", ("http", "ns1", 8080)),
        ("[2001:db8::1]", ("https", "2001:db8::1", 443)),
        ("[::1]:8443", ("https", "::1", 8443)),
        ("https://[fe80::1%eth0]:1", ("https", "fe80::1%eth0", 1)),
        ("[::ffff:10.0.0.1]", ("https", "::ffff:10.0.0.1", 443)),
        ("ns1:65535", ("https", "ns1", 65535)),
        ("ns1:00443", ("https", "ns1", 443)),
        ("a" * 63 + ".b", ("https", "a" * 63 + ".b", 443)),
    ],
)
def test_names_addresses_and_origins_are_addresses(text: str, address: tuple[str, str, int]) -> None:
    assert address_of(text) == Address(*address)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no address"),
        ("https://", "give only the host and port"),
        (":443", "is no address"),
        ("::1", "is no address"),
        ("2001:db8::1", "is no address"),
        ("ns1:443:443", "is no address"),
        ("[::1", "is no address"),
        ("[::1]8443", "is no address"),
        ("admin:secret@ns1", "holds no user and no password"),
        ("https://admin@ns1", "holds no user and no password"),
        ("https://@ns1", "holds no user and no password"),
        ("ssh://ns1", "not ssh://"),
        ("javascript://ns1", "not javascript://"),
        ("ns1/menu", "the path is NITRO's own"),
        ("https://ns1/nitro/v1", "the path is NITRO's own"),
        ("ns1?x=1", "give only the host and port"),
        ("ns1#x", "give only the host and port"),
        ("ns1/\n", "give only the host and port"),
        ("ns1:", "a port is a number"),
        ("ns1:0", "a port is a number"),
        ("ns1:65536", "a port is a number"),
        ("ns1:0000019999999", "a port is a number"),
        ("ns1:https", "a port is a number"),
        ("ns1:-1", "a port is a number"),
        ("ns1:+1", "a port is a number"),
        ("ns1:4 43", "a port is a number"),
        ("ns1:\uff14\uff14\uff13", "a port is a number"),
        ("[ns1]", "an IPv6 address"),
        ("[10.0.0.1]", "an IPv6 address"),
        ("[::1%]", "an IPv6 address"),
        ("[::1%]x", "is no address"),
        ("[fe80::1%a b]", "an IPv6 address"),
        ("[fe80::1%-x]", "an IPv6 address"),
        ("[]", "an IPv6 address"),
        ("-ns1", "is no host name"),
        ("ns1-", "is no host name"),
        ("ns..1", "is no host name"),
        (".ns1", "is no host name"),
        ("ns 1", "is no host name"),
        (" ns1", "is no host name"),
        ("ns1\r\nX-Evil: 1", "a port is a number"),
        ("ns1\x1b[2J", "is no address"),
        ("ns\u00e4", "is no host name"),
        ("ns\u202e1", "is no host name"),
        ("a" * 64, "is no host name"),
        ("a." * 127 + "b", "is no host name"),
        ("-oProxyCommand=x", "is no host name"),
    ],
)
def test_anything_else_is_told_what_would_be_one(text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        address_of(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["admin:hunter2@ns1", "https://hunter2@ns1", "https://a:hunter2@ns1:1/x"])
def test_a_password_in_an_address_is_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        address_of(text)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("ns1:443", "https://ns1"),
        ("http://ns1:80", "http://ns1"),
        ("http://ns1:443", "http://ns1:443"),
        ("[fe80::1%eth0]:8443", "https://[fe80::1%eth0]:8443"),
    ],
)
def test_an_origin_begins_every_url_and_is_an_address_itself(text: str, origin: str) -> None:
    address = address_of(text)
    assert address.origin == origin
    assert address_of(origin) == address
    assert URL(origin + "/nitro/v1/stat/protocolmptcp").host == address.host


def test_only_https_is_secure() -> None:
    assert address_of("ns1").secure
    assert not address_of("http://ns1").secure


@settings(max_examples=1000, derandomize=True, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text("htps:/[]%.@?#-_a1\n\r \t", max_size=40)))
def test_whatever_is_typed_is_an_address_or_a_complaint(text: str) -> None:
    try:
        address = address_of(text)
    except SettingsError as error:
        assert str(error).isprintable()  # both ways are right
    else:
        assert address_of(address.origin) == address
        assert 0 < address.port < 65536
        assert URL(address.origin).port == address.port
