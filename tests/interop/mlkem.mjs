// mlkem.mjs make|check noble|openssl SET COUNT: as tests/interop/mlkem.c, by @noble/post-quantum or by the OpenSSL inside
// Node, which keeps m and dk to itself. make prints COUNT lines; check reads lines from stdin and prints how many it took.
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';

const [, , action, who, set, count] = process.argv;
const noble = { 'ML-KEM-512': ml_kem512, 'ML-KEM-768': ml_kem768, 'ML-KEM-1024': ml_kem1024 }[set];
const lengths = noble.lengths;

const nobleWay = {
  keygen(seed) {
    const { publicKey, secretKey } = noble.keygen(seed);
    return { ek: publicKey, dk: secretKey };
  },
  encaps(ek, m) {
    const { cipherText, sharedSecret } = noble.encapsulate(ek, m);
    return { m, c: cipherText, k: sharedSecret };
  },
  decaps: (seed, dk, c) => noble.decapsulate(c, dk),
};

// Private keys go in as PKCS#8, with the seed alone or the expanded key alone (RFC 9935 6); public keys as
// SubjectPublicKeyInfo, which ek ends. It gives no expanded key out.
const algorithm = Buffer.from(`300b060960864801650304040${{ 512: 1, 768: 2, 1024: 3 }[set.slice(7)]}`, 'hex');
const der = (tag, ...parts) => {
  const body = Buffer.concat(parts);
  const n = body.length;
  return Buffer.concat([Buffer.from(n < 128 ? [tag, n] : [tag, 0x82, n >> 8, n & 255]), body]);
};
const privateOf = (key) => {
  const pkcs8 = der(0x30, der(2, Buffer.of(0)), algorithm, der(4, der(key.length === 64 ? 0x80 : 4, key)));
  return crypto.createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
};
const publicOf = (ek) =>
  crypto.createPublicKey({ key: der(0x30, algorithm, der(3, Buffer.of(0), ek)), format: 'der', type: 'spki' });
const opensslWay = {
  keygen(seed) {
    const spki = crypto.createPublicKey(privateOf(seed)).export({ format: 'der', type: 'spki' });
    return { ek: spki.subarray(-lengths.publicKey), dk: null };
  },
  encaps(ek) {
    const { ciphertext, sharedKey } = crypto.encapsulate(publicOf(ek));
    return { m: null, c: ciphertext, k: sharedKey };
  },
  decaps: (seed, dk, c) => crypto.decapsulate(privateOf(dk ?? seed), c),
};
const way = { noble: nobleWay, openssl: opensslWay }[who];

const same = (what, line, a, b) => {
  if (Buffer.compare(a, b) !== 0) {
    throw new Error(`line ${line}: another ${what}`);
  }
};
const refused = (what, line, f) => {
  try {
    f();
  } catch {
    return;
  }
  throw new Error(`line ${line}: ${what} taken`);
};

if (action === 'make') {
  const hex = (bytes) => (bytes === null ? '-' : Buffer.from(bytes).toString('hex'));
  for (let i = 0; i < Number(count); i++) {
    const seed = crypto.randomBytes(64);
    const { ek, dk } = way.keygen(seed);
    const { m, c, k } = way.encaps(ek, crypto.randomBytes(32));
    const bad = Uint8Array.from(c);
    bad[crypto.randomInt(bad.length)] ^= 1 << (i % 8);
    console.log([seed, dk, ek, m, c, k, bad, way.decaps(seed, dk, bad)].map(hex).join(' '));
  }
} else {
  const lines = readFileSync(0, 'latin1').trim().split('\n');
  lines.forEach((line, i) => {
    const [seed, dk, ek, m, c, k, bad, badK] = line.split(' ').map((text) => Buffer.from(text, 'hex'));
    const mine = way.keygen(seed);
    same('ek', i, mine.ek, ek);
    same('dk', i, mine.dk ?? dk, dk);
    same('K', i, way.decaps(seed, dk, c), k);
    same('K of a bad c', i, way.decaps(seed, dk, bad), badK);
    const made = way.encaps(ek, m);
    if (made.m !== null) {
      same('c', i, made.c, c);
      same('K', i, made.k, k);
    }
    dk[dk.length - 40] ^= 1; // of H(ek)
    refused('dk with another hash', i, () => way.decaps(seed, dk, c));
    ek[0] = ek[1] = 0xff; // a number over q
    refused('ek with a number over q', i, () => way.encaps(ek, m));
  });
  console.log(lines.length);
}
