// Verifies ECDSA P-384 signatures from lines "key message signature" in hex, and refuses each over another message.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

let genuine = 0;
let refused = 0;
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const [point, message, signature] = line.split(" ").map((hex) => Buffer.from(hex, "hex"));
  const x = point.subarray(0, 48).toString("base64url");
  const y = point.subarray(48).toString("base64url");
  const key = createPublicKey({ key: { kty: "EC", crv: "P-384", x, y }, format: "jwk" });
  const how = { key, dsaEncoding: "ieee-p1363" };
  genuine += verify("sha384", message, how, signature);
  message[0] ^= 1;
  refused += !verify("sha384", message, how, signature);
}
console.log(`${genuine} genuine, ${refused} forged refused`);
