"""The words of the languages that parsers are tried on, and what does not belong among them."""

from __future__ import annotations

from typing import Final


def _each(words: str, between: str = "") -> tuple[bytes, ...]:
    """Return the words of a text, each with something after it."""
    return tuple(f"{word}{between}".encode() for word in words.split())


MANY_DIGITS: Final = (b"9" * 25, b"9" * 400, b"9" * 5000)
RAW: Final = (b"\x1b[2J", b"\xc2\x9b", b"\xff", b"\x00", b"\n", b" ", "\u202e".encode(), "ä".encode())

JSON: Final = (
    *_each('{ } [ ] , : " \\ \\u0000 \\ud800 null true NaN -Infinity 1e999 1e300 -1 0.5 "" 0'),
    *_each("18446744073709551615 18446744073709551616 4294967295 9007199254740993"),
    *(*MANY_DIGITS, *RAW, b"[" * 2000, b'{"a":' * 2000),
)
NITRO: Final = (
    *JSON,
    *_each('"errorcode" "message" "severity" "protocolmptcp" "system" "hanode" "nshostname" "nsversion"'),
    *_each('"mptcptotdss" "mptcpdssrate" "starttime" "hostname" "version" "sessionid" "444" "2138" "WARNING" "ERROR"'),
    *_each('"1,234" "NaN" <html> NITRO_AUTH_TOKEN= sessionid=deleted ; %0d%0a'),
)
FILES: Final = (*JSON, *_each('"schema" "remembered" "silences" "until" "stamps" "counters" "boot" "target"'))
TOML: Final = (
    *_each("[ ] [[ ]] { } = , . \" ' \"\"\" ''' # \\ inf nan true 1_000 1e999 0x 1979-05-27 a.b.c=1"),
    *_each("defaults targets groups alerts rules host user pin timeout interval password command", " = "),
    *(*MANY_DIGITS, *RAW, b"a." * 500, b"[" * 2000, b"\xef\xbb\xbf"),
)
RULE: Final = (
    *_each("join_success sessions TokenEr errors < <= > >= / % s min h m and or for until rises ( ) 1 95 0.5", " "),
    *_each("1e9 1e999 30s 24h (((((((((((((((((((((", " "),
    *(*MANY_DIGITS, *RAW),
)
WHEN: Final = (
    *_each("- s m h d 1 9 15 00 03:12 :30 .5 yesterday today 2026-11-21 9999-12-31 0001-01-01 T Z +99:99 -00:00"),
    *_each("start end ago off 24:00 ٣"),
    *(*MANY_DIGITS, *RAW),
)
OPTION: Final = (
    *_each("https:// http:// ftp:// : / ? # @ [ ] % . - _ , ns1 10.0.0.1 ::1 fe80 65535 local local: sha256: ab"),
    *_each("0 1 1e999 nan inf s yes off dark"),
    *(*MANY_DIGITS, *RAW, b"a" * 300, b"ab" * 32),
)
NETSTAT: Final = (
    *_each("MPTcpExt: TcpExt: IpExt: 0 -1 18446744073709551616 1_0 0x1 MPRstRx", " "),
    *(*MANY_DIGITS, *RAW, b"A " * 3000),
)
DATE: Final = (
    *_each("Sat, Nov 21 2026 99999 0 -1 10:00:42 99:99:99 GMT +9999 -0000 EST | ns1 / , : Feb 29 ) (", " "),
    *(*MANY_DIGITS, *RAW),
)
PASSWORD: Final = (*RAW, b"\r", b"\r\n", b"p" * 4096)
CELLS: Final = (
    *_each('null 0 -1 1 7 1e308 Infinity 9223372036854775807 -9223372036854775808 "" "abc" [] {} "[[[["'),
    *_each('\\"[]\\" "[NaN]" "linux" "netscaler" "x;" "\\u0000" "\\ud800" SQLite', "\n"),
    *(*MANY_DIGITS, *RAW, b"\n", b"\n", b'"' + b"[" * 5000 + b'"\n'),
)
LINES: Final = (
    *JSON,
    *_each(
        '"schema" "target" "source" "status" "taken_at" "counted_at" "elapsed_seconds" "reset" "identity" "metrics"'
    ),
    *_each('"value" "increase" "rate" "kernel" "MPTcpExtMPJoinSynRx" 1700000000 2026-11-21T10:00:00Z :59 +14:00', " "),
)
