"""Makes of a dual token (DER) what must not pass for one, into files of the current folder.

Arguments: a dual token, another one. one-classic.tst, one-pq.tst: a SignerInfo is stripped. flip-classic.tst, flip-pq.tst: a bit of
a signature is another. mixed.tst: the SignerInfo of ML-DSA is the other token's. unlinked.tst: the links are cut out of the attributes.
"""
import sys

from asn1crypto import cms

LINK = "1.2.840.113549.1.9.16.2.51"


def load(path):
    with open(path, "rb") as f:
        return cms.ContentInfo.load(f.read(), strict=True)


def wrap(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])
    return bytes([tag]) + length + body


def save(name, token, signers):
    """The token with these SignerInfos, in the order of their encodings."""
    data = token["content"]
    parts = [data["version"].dump(), data["digest_algorithms"].dump(), data["encap_content_info"].dump(),
             data["certificates"].dump(), wrap(0x31, b"".join(sorted(signers, key=len)))]
    signed_data = wrap(0x30, b"".join(parts))
    with open(name, "wb") as f:
        f.write(wrap(0x30, token["content_type"].dump() + wrap(0xA0, signed_data)))


def flipped(signer):
    whole = bytearray(signer)
    whole[-5] ^= 1  # the signature is the last field
    return bytes(whole)


def unlinked(signer):
    attrs = b"".join(a.dump() for a in signer["signed_attrs"] if a["type"].dotted != LINK)
    return wrap(0x30, signer["version"].dump() + signer["sid"].dump() + signer["digest_algorithm"].dump() + wrap(0xA0, attrs)
                + signer["signature_algorithm"].dump() + signer["signature"].dump())


token, other = load(sys.argv[1]), load(sys.argv[2])
infos = list(token["content"]["signer_infos"])
classic, pq = (s.dump() for s in infos)
save("same.tst", token, [classic, pq])
save("one-classic.tst", token, [classic])
save("one-pq.tst", token, [pq])
save("flip-classic.tst", token, [flipped(classic), pq])
save("flip-pq.tst", token, [classic, flipped(pq)])
save("mixed.tst", token, [classic, list(other["content"]["signer_infos"])[1].dump()])
save("unlinked.tst", token, [unlinked(s) for s in infos])
