// Arguments: data, then pairs: request, response. Exit 0: pkijs verifies each token over the data, and over no other data.
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));
const [, , dataFile, ...pairs] = process.argv;
const bytes = (file) => new Uint8Array(readFileSync(file)).slice().buffer;

async function check(requestFile, responseFile) {
  const request = new pkijs.TimeStampReq({ schema: asn1js.fromBER(bytes(requestFile)).result });
  const response = new pkijs.TimeStampResp({ schema: asn1js.fromBER(bytes(responseFile)).result });
  if (response.status.status !== pkijs.PKIStatus.granted) {
    throw new Error(`status ${response.status.status}`);
  }
  const signed = new pkijs.SignedData({ schema: response.timeStampToken.content });
  const info = pkijs.TSTInfo.fromBER(signed.encapContentInfo.eContent.valueBlock.valueHexView);
  if (!info.nonce.isEqual(request.nonce) || info.policy !== request.reqPolicy) {
    throw new Error(`${responseFile} answers another request`);
  }
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
  return (signed.signerInfos[0].unsignedAttrs?.attributes ?? []).map((a) => a.type);
}

let n = 0;
let records = 0;
for (let i = 0; i + 1 < pairs.length; i += 2) {
  const attributes = await check(pairs[i], pairs[i + 1]);
  n += 1;
  records += attributes.includes('1.2.840.113549.1.9.16.2.49');
}
console.log(`pkijs: ${n} verified, ${records} with a record`);
