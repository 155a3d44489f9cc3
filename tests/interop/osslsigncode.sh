#!/bin/bash
# osslsigncode -ts: Authenticode signing of a small PE file, time-stamped by RFC 3161.
. "$(dirname "$0")/../lib/authority.sh"
need osslsigncode osslsigncode
need python3 python3
authority_start
cd "$T"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj '/CN=Test Publisher' \
    -addext extendedKeyUsage=codeSigning >/dev/null 2>&1
# The smallest PE32+ that the tool takes: headers, one empty section.
python3 - doc.exe <<'P'
import struct, sys
dos = b'MZ' + bytes(58) + struct.pack('<I', 64)
coff = struct.pack('<HHIIIHH', 0x8664, 1, 0, 0, 0, 240, 0x22)
opt = struct.pack('<HBBIIIII', 0x20b, 14, 0, 512, 0, 0, 0x1000, 0x1000)
opt += struct.pack('<QIIHHHHHHIIIIHHQQQQII', 0x140000000, 0x1000, 512, 6, 0, 0, 0, 6, 0, 0, 0x2000, 512, 0, 3, 0,
                   0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
opt += bytes(16 * 8)
sect = b'.text\0\0\0' + struct.pack('<IIIIIIHHI', 512, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
head = dos + b'PE\0\0' + coff + opt + sect
open(sys.argv[1], 'wb').write(head + bytes(512 - len(head)) + b'\xc3' + bytes(511))
P
osslsigncode sign -h sha384 -certs cert.pem -key key.pem -ts "$URL" -in doc.exe -out signed.exe >out 2>&1 ||
    fail "sign: $(cat out)"
osslsigncode verify -CAfile cert.pem -TSA-CAfile "$D/ca.pem" -in signed.exe >out 2>&1 || fail "verify: $(cat out)"
grep -qi 'timestamp' out || fail "no timestamp: $(cat out)"
grep -i -m 3 'time' out
