// mldsa_openssl.mjs SET SECONDS - ML-DSA by the OpenSSL inside Node: prints its version and the keys, signatures and
// verifications it makes in a second of CPU time. For bench_mldsa.
import crypto from 'node:crypto';

const [set, seconds] = [process.argv[2].toLowerCase(), Number(process.argv[3])];
const { publicKey, privateKey } = crypto.generateKeyPairSync(set);
const message = Buffer.alloc(32);
let sig = crypto.sign(null, message, privateKey);

const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
};
const rate = (once) => {
    const start = cpuMs();
    let n = 0;
    let spent;
    do {
        for (let i = 0; i < 16; i++, n++) {
            once(n);
        }
        spent = cpuMs() - start;
    } while (spent < (seconds * 1000) / 3);
    return (n / spent) * 1000;
};
const keys = rate(() => crypto.generateKeyPairSync(set));
const signatures = rate((n) => {
    message.writeUInt32LE(n);
    sig = crypto.sign(null, message, privateKey);
});
const verifications = rate(() => crypto.verify(null, message, publicKey, sig));
console.log(process.versions.openssl, keys, signatures, verifications);
