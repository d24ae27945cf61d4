"""Reads a database as docs/database-format.md describes it, and prints its definitions as JSON: bytes in hexadecimal."""

import hashlib
import json
import struct
import sys

import msgpack

with open(sys.argv[1], "rb") as file:
    data = file.read()

assert data[:8] == b"MUSTERDB"
version, services, bundles, sections = struct.unpack_from("<IIII", data, 8)
assert version == 2, version
(length,) = struct.unpack_from("<Q", data, 24)
assert length == len(data)
assert hashlib.sha256(data[:32] + data[64:]).digest() == data[32:64]


def section(index):
    offset, length = struct.unpack_from("<II", data, 64 + index * 8)
    return data[offset : offset + length]


names = section(0).decode().split("\0")[:-1]
hashes, offsets, definitions = section(32), section(33), section(34)
offsets = struct.unpack(f"<{services + 1}I", offsets)


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


read = {}
for service, name in enumerate(names):
    encoded = definitions[offsets[service] : offsets[service + 1]]
    assert hashlib.sha256(encoded).digest() == hashes[service * 32 : service * 32 + 32]
    read[name] = plain(msgpack.unpackb(encoded, strict_map_key=True))
json.dump(read, sys.stdout)
