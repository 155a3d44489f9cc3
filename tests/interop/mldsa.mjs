// mldsa.mjs make|check noble|openssl SET COUNT: as tests/interop/mldsa.c, by @noble/post-quantum or by the OpenSSL
// inside Node. make prints COUNT lines; check reads lines from stdin and prints how many it took.
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';

const [, , action, who, set, count] = process.argv;
const noble = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 }[set];
const pkLength = noble.lengths.publicKey;

const nobleWay = {
  make(message, context) {
    const { publicKey, secretKey } = noble.keygen(crypto.randomBytes(32));
    return [publicKey, noble.sign(message, secretKey, { context })];
  },
  verify: (publicKey, message, context, sig) => noble.verify(sig, message, publicKey, { context }),
};
// Node takes a public key as SubjectPublicKeyInfo, whose last bytes are the key.
const name = set.toLowerCase();
let prefix;
const opensslWay = {
  make(message, context) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync(name);
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    return [spki.subarray(-pkLength), crypto.sign(null, message, { key: privateKey, context })];
  },
  verify(publicKey, message, context, sig) {
    prefix ??= crypto.generateKeyPairSync(name).publicKey.export({ format: 'der', type: 'spki' }).subarray(0, -pkLength);
    const key = crypto.createPublicKey({ format: 'der', type: 'spki', key: Buffer.concat([prefix, publicKey]) });
    return crypto.verify(null, message, { key, context }, sig);
  },
};
const way = { noble: nobleWay, openssl: opensslWay }[who];

const verifies = (...sample) => {
  try {
    return way.verify(...sample);
  } catch {
    return false;
  }
};

if (action === 'make') {
  const hex = (bytes) => (bytes.length > 0 ? Buffer.from(bytes).toString('hex') : '-');
  for (let i = 0; i < Number(count); i++) {
    const message = crypto.randomBytes(crypto.randomInt(1024));
    const context = crypto.randomBytes(i % 3 === 0 ? 0 : crypto.randomInt(256));
    const [publicKey, sig] = way.make(message, context);
    console.log([publicKey, message, context, sig].map(hex).join(' '));
  }
} else {
  const lines = readFileSync(0, 'latin1').trim().split('\n');
  lines.forEach((line, i) => {
    const sample = line.split(' ').map((text) => Buffer.from(text === '-' ? '' : text, 'hex'));
    if (!verifies(...sample)) {
      throw new Error(`line ${i} refused`);
    }
    // One part a line, to keep the slow one bearable.
    const part = sample[[3, 1, 2, 0][i % 4]];
    if (part.length > 0) {
      part[(i * 131) % part.length] ^= 1 << (i % 8);
      if (verifies(...sample)) {
        throw new Error(`line ${i} taken with a bit flipped`);
      }
    }
  });
  console.log(lines.length);
}
