"""Sends bad queries over keep-alive HTTP. Each must get HTTP 200 and a well-formed rejection or, where the bytes still are a
request, a grant; 413 over the cap. Arguments: URL, good query, folder of DER samples or "-", number of mutations."""
import http.client
import os
import random
import sys
import urllib.parse

TYPE = 'application/timestamp-query'
CAP = 65536


def read_tlv(data, at):
    """One strict DER element: (tag, body, end)."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length >= 0x80:
        n = length & 0x7F
        length = int.from_bytes(data[at:at + n], 'big')
        assert n and data[at] != 0 and length >= 0x80
        at += n
    assert at + length <= len(data)
    return tag, data[at:at + length], at + length


def status_of(reply):
    """PKIStatus and failInfo bit of a TimeStampResp, read strictly; None without failInfo."""
    tag, resp, end = read_tlv(reply, 0)
    assert tag == 0x30 and end == len(reply)
    tag, info, after = read_tlv(resp, 0)
    assert tag == 0x30
    tag, status, at = read_tlv(info, 0)
    assert tag == 2 and len(status) == 1
    bit = None
    while at < len(info):
        tag, body, at = read_tlv(info, at)
        if tag == 3:
            assert body[0] <= 7 and body[-1] & (1 << body[0]), 'failInfo is not DER'
            bits = [i for i in range(8 * (len(body) - 1)) if body[1 + i // 8] & (0x80 >> i % 8)]
            assert len(bits) == 1
            bit = bits[0]
    if status[0] == 0:
        assert after < len(resp) and bit is None
    else:
        assert status[0] == 2 and after == len(resp) and bit is not None, 'a rejection with a token or without failInfo'
    return status[0], bit


class Client:
    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc
        self.conn = http.client.HTTPConnection(self.host, timeout=10)

    def post(self, body, path='/'):
        self.conn.request('POST', path, body, {'Content-Type': TYPE})
        reply = self.conn.getresponse()
        data = reply.read()
        if reply.getheader('Connection', '').lower() == 'close':
            self.conn.close()
        return reply, data


def mutate(rng, good):
    data = bytearray(good)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        kind = rng.randrange(6)
        at = rng.randrange(len(data)) if data else 0
        if kind == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and data:
            data[at] = rng.randrange(256)
        elif kind == 2 and data:
            del data[at:at + rng.randrange(1, 5)]
        elif kind == 3:
            data[at:at] = rng.randbytes(rng.randrange(1, 5))
        elif kind == 4 and data:
            data = data[:at]
        else:
            data += rng.randbytes(rng.randrange(1, 70))
    return bytes(data)


def main():
    url, good_file, folder, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    good = open(good_file, 'rb').read()
    client = Client(url)
    seen = {}

    def well_formed(body):
        reply, data = client.post(body)
        assert reply.status == 200, (reply.status, body[:40].hex())
        assert reply.getheader('Content-Type') == 'application/timestamp-reply'
        verdict = status_of(data)
        seen[verdict] = seen.get(verdict, 0) + 1
        return verdict

    assert well_formed(good) == (0, None)
    assert well_formed(b'') == (2, 5)
    reply, _ = client.post(bytes(CAP + 1))
    assert reply.status == 413, reply.status
    client = Client(url)
    assert well_formed(bytes(CAP)) == (2, 5)
    files = 0
    if folder != '-':
        for root, _, names in os.walk(folder):
            for name in sorted(names):
                data = open(os.path.join(root, name), 'rb').read()
                if len(data) <= CAP:
                    verdict = well_formed(data)
                    assert verdict[0] == 2, (name, verdict)
                    files += 1
    rng = random.Random(3161)
    for _ in range(count):
        well_formed(mutate(rng, good))
    assert well_formed(good) == (0, None)
    print(f'{files} files, {count} mutations:', ', '.join(
        f'{"granted" if s == 0 else f"failInfo {b}"} {n}' for (s, b), n in sorted(seen.items(), key=str)))


main()
