# SPDX-License-Identifier: Apache-2.0
"""The smallest module that is a plug-in, with an identity of one's own: for tests of publishing, which run none of it."""
import json


def number(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def vector(items: list[bytes]) -> bytes:
    return number(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    return number(len(text.encode())) + text.encode()


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + number(len(content)) + content


def module(answer_to_configure: int = 1, **identity) -> bytes:
    """A plug-in that does nothing, and takes (1) or refuses (0) every configuration."""
    def signature(parameters: int, results: int) -> bytes:
        return b"\x60" + vector([b"\x7f"] * parameters) + vector([b"\x7f"] * results)

    bodies = [b"\0\x0b", b"\0\x41\x80\x08\x0b", b"\0\x41" + bytes([answer_to_configure]) + b"\x0b"]
    exports = [("memory", 2, 0), ("proxy_abi_version_0_2_1", 0, 0), ("malloc", 0, 1), ("proxy_on_configure", 0, 2)]
    whole = (b"\0asm\1\0\0\0" + section(1, vector([signature(0, 0), signature(1, 1), signature(2, 1)]))
             + section(3, vector([b"\0", b"\1", b"\2"])) + section(5, vector([b"\0\1"]))
             + section(7, vector([name(text) + bytes([kind, index]) for text, kind, index in exports]))
             + section(10, vector([number(len(body)) + body for body in bodies])))
    return whole + (section(0, name("mynah.plugin") + json.dumps(identity).encode()) if identity else b"")
