"""Takes the SignerInfos of a token apart with asn1crypto, strictly, for hybrid_parts.mjs.

Arguments: the token, then certificates in DER. One JSON line for each SignerInfo: what is signed, the signature, the
public key of the certificate that sid names; and whether messageDigest is the digest of the content, which is checked here.
"""
import hashlib
import json
import sys

from asn1crypto import cms, tsp, x509

ML_DSA_65 = "2.16.840.1.101.3.4.3.18"
HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def public_key(der):
    """SubjectPublicKeyInfo as it stands: asn1crypto knows no ML-DSA."""
    tbs = x509.Certificate.load(der, strict=True)["tbs_certificate"]
    return tbs["subject_public_key_info"].dump()


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
    for signer in data["signer_infos"]:
        sid = signer["sid"].chosen
        der = certificates[(sid["issuer"].dump(), sid["serial_number"].native)]
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
