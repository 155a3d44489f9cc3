"""Takes a certificate request in DER apart with asn1crypto, strictly, for hybrid_parts.mjs: one JSON line."""
import json
import sys

from asn1crypto import csr

ML_DSA_65 = "2.16.840.1.101.3.4.3.18"


def main():
    with open(sys.argv[1], "rb") as f:
        der = f.read()
    request = csr.CertificationRequest.load(der, strict=True)
    info = request["certification_request_info"]
    assert info["version"].native == "v1"
    subject = info["subject"].native
    assert subject["common_name"] == "Quorate TSA"
    assert len(bytes.fromhex(subject["serial_number"])) == 16
    assert info["attributes"].native == []
    oid = request["signature_algorithm"]["algorithm"].dotted
    print(json.dumps({
        "kind": "ml-dsa" if oid == ML_DSA_65 else "ecdsa",
        "message": info.dump().hex(),
        "signature": request["signature"].native.hex(),
        "key": info["subject_pk_info"].dump().hex(),  # as it stands: asn1crypto knows no ML-DSA
    }))


main()
