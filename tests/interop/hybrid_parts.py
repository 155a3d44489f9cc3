"""Takes the SignerInfos of a token apart with asn1crypto, strictly, for hybrid_parts.mjs.

Arguments: the token, then certificates in DER. One JSON line for each SignerInfo: what is signed, the signature, the
public key of the certificate that sid names; and whether messageDigest is the digest of the content, which is checked here.
Of two SignerInfos each must name the other by a multiple-signatures attribute, RFC 5752, which is checked here, too.
"""
import hashlib
import json
import sys

from asn1crypto import cms, core, tsp, x509

ML_DSA_65 = "2.16.840.1.101.3.4.3.18"
HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def public_key(der):
    """SubjectPublicKeyInfo as it stands: asn1crypto knows no ML-DSA."""
    tbs = x509.Certificate.load(der, strict=True)["tbs_certificate"]
    return tbs["subject_public_key_info"].dump()


class Algorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class SignAttrsHash(core.Sequence):
    _fields = [("alg_id", Algorithm), ("hash", core.OctetString)]


class CertId(core.Sequence):
    """ESSCertIDv2 by SHA-256, which is the default."""
    _fields = [("cert_hash", core.OctetString), ("issuer_serial", core.Any, {"optional": True})]


class MultipleSignatures(core.Sequence):
    """RFC 5752 3."""
    _fields = [("body_hash_alg", Algorithm), ("sign_alg", Algorithm), ("sign_attrs_hash", SignAttrsHash),
               ("cert", CertId, {"optional": True})]


MULTIPLE_SIGNATURES = "1.2.840.113549.1.9.16.2.51"


def wrap(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])
    return bytes([tag]) + length + body


def link_of(signer):
    """The one value of the attribute, and the encodings of the other attributes."""
    links, others = [], []
    for a in signer["signed_attrs"]:
        whole = a.dump()
        if a["type"].dotted == MULTIPLE_SIGNATURES:
            kind = core.ObjectIdentifier(MULTIPLE_SIGNATURES).dump()
            body = whole[whole.index(kind) + len(kind):]
            assert body[0] == 0x31
            value = core.SetOf.load(body, spec=MultipleSignatures, strict=True)
            assert len(value) == 1
            links.append(MultipleSignatures.load(value[0].dump(), strict=True))
        else:
            others.append(whole)
    assert len(links) == 1
    return links[0], others


def blanked(signer):
    """RFC 5752 4.4.1: the attributes under the tag of a SET OF, with an empty hash in their own link."""
    link, others = link_of(signer)
    inner = link["sign_attrs_hash"]
    value = wrap(0x30, link["body_hash_alg"].dump() + link["sign_alg"].dump()
                 + wrap(0x30, inner["alg_id"].dump() + b"\x04\x00") + link["cert"].dump())
    attribute = wrap(0x30, core.ObjectIdentifier(MULTIPLE_SIGNATURES).dump() + wrap(0x31, value))
    return wrap(0x31, b"".join(sorted(others + [attribute])))


def dotted(algorithm):
    return algorithm["algorithm"].dotted


def check_links(signers, certificate):
    for holder, other in (signers, signers[::-1]):
        link, _ = link_of(holder)
        digest = HASHES[holder["digest_algorithm"]["algorithm"].native]
        assert link["body_hash_alg"]["algorithm"].native == dotted(other["digest_algorithm"])
        assert link["sign_alg"]["algorithm"].native == dotted(other["signature_algorithm"])
        assert link["sign_attrs_hash"]["alg_id"]["algorithm"].native == dotted(holder["digest_algorithm"])
        assert link["sign_attrs_hash"]["hash"].native == digest(blanked(other)).digest()
        assert link["cert"]["cert_hash"].native == hashlib.sha256(certificate(other)).digest()


def main():
    with open(sys.argv[1], "rb") as f:
        info = cms.ContentInfo.load(f.read(), strict=True)
    data = info["content"]
    assert info["content_type"].native == "signed_data"
    assert data["encap_content_info"]["content_type"].native == "tst_info"
    content = bytes(data["encap_content_info"]["content"])
    assert tsp.TSTInfo.load(content, strict=True)["version"].native == "v1"
    certificates = {}
    for path in sys.argv[2:]:
        with open(path, "rb") as f:
            der = f.read()
        c = x509.Certificate.load(der, strict=True)
        certificates[(c.issuer.dump(), c.serial_number)] = der

    def certificate(signer):
        sid = signer["sid"].chosen
        return certificates[(sid["issuer"].dump(), sid["serial_number"].native)]

    if len(data["signer_infos"]) == 2:
        check_links(list(data["signer_infos"]), certificate)
    for signer in data["signer_infos"]:
        der = certificate(signer)
        attrs = {a["type"].native: a["values"] for a in signer["signed_attrs"]}
        digest = HASHES[signer["digest_algorithm"]["algorithm"].native]
        assert attrs["message_digest"][0].native == digest(content).digest()
        assert attrs["content_type"][0].native == "tst_info"
        oid = signer["signature_algorithm"]["algorithm"].dotted
        signed = bytearray(signer["signed_attrs"].dump())
        assert signed[0] in (0x31, 0xA0)
        signed[0] = 0x31
        assert cms.CMSAttributes.load(bytes(signed), strict=True).native
        print(json.dumps({
            "kind": "ml-dsa" if oid == ML_DSA_65 else "ecdsa",
            "message": bytes(signed).hex(),
            "signature": signer["signature"].native.hex(),
            "key": public_key(der).hex(),
        }))


main()
