// Verifies the signatures that hybrid_parts.py found, and refuses each over another message.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

let genuine = 0;
let refused = 0;
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const part = JSON.parse(line);
  const key = createPublicKey({ key: Buffer.from(part.key, "hex"), format: "der", type: "spki" });
  const kind = key.asymmetricKeyType;
  if (kind !== (part.kind === "ml-dsa" ? "ml-dsa-65" : "ec")) {
    throw new Error(`a key of ${kind}`);
  }
  const hash = part.kind === "ml-dsa" ? null : "sha384";
  const message = Buffer.from(part.message, "hex");
  const signature = Buffer.from(part.signature, "hex");
  genuine += verify(hash, message, key, signature);
  message[message.length - 1] ^= 1;
  refused += !verify(hash, message, key, signature);
}
console.log(`${genuine} genuine, ${refused} forged refused`);
