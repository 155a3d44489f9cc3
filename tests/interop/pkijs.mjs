// Arguments: request, response, data. Exit 0: pkijs verifies the token over the data.
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));
const [, , , responseFile, dataFile] = process.argv;
const bytes = (file) => new Uint8Array(readFileSync(file)).slice().buffer;

const response = new pkijs.TimeStampResp({ schema: asn1js.fromBER(bytes(responseFile)).result });
if (response.status.status !== pkijs.PKIStatus.granted) {
  throw new Error(`status ${response.status.status}`);
}
const signed = new pkijs.SignedData({ schema: response.timeStampToken.content });
const result = await signed.verify({ signer: 0, checkChain: false, data: bytes(dataFile), extendedMode: true });
if (!result.signatureVerified) {
  throw new Error('signature not verified');
}
const other = bytes(dataFile);
new Uint8Array(other)[0] ^= 1;
let refused = false;
try {
  refused = !(await signed.verify({ signer: 0, checkChain: false, data: other }));
} catch {
  refused = true;
}
if (!refused) {
  throw new Error('other data accepted');
}
console.log(`pkijs under node ${process.versions.node}, OpenSSL ${process.versions.openssl}: verified`);
