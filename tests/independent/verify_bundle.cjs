// Verify one Sigstore bundle with sigstore-js, and print one line of JSON.
//
//   node verify_bundle.cjs BUNDLE --key PUBLIC.pem [--artifact-digest SHA256HEX]
//   node verify_bundle.cjs BUNDLE --trusted-root FILE [--identity NAME --issuer URL]
//                                 [--artifact-digest SHA256HEX]
//
// Exit status: 0 verified, 1 refused, 2 wrong arguments.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const { parseArgs } = require('node:util');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

// A bare key has nobody to vouch for it: no log, no certificate, no time.
const KEY_THRESHOLDS = { ctlogThreshold: 0, timestampThreshold: 0, tlogThreshold: 0 };
// Of a certificate we want the log of certificates, the log of signatures, and a time. The time is
// what Rekor v1 promised; Rekor v2 tells none, so there it must be a timestamp authority's.
const KEYLESS_THRESHOLDS = { ctlogThreshold: 1, timestampThreshold: 1, tlogThreshold: 1 };

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      'trusted-root': { type: 'string' },
      identity: { type: 'string' },
      issuer: { type: 'string' },
      'artifact-digest': { type: 'string' },
    },
  });
  if (positionals.length !== 1) {
    throw new Error(`expected one bundle, got ${positionals.length}`);
  }
  if ((values.key === undefined) === (values['trusted-root'] === undefined)) {
    throw new Error('expected either --key or --trusted-root');
  }
  if ((values.identity === undefined) !== (values.issuer === undefined)) {
    throw new Error('--identity and --issuer go together');
  }
  if (values.key !== undefined && values.identity !== undefined) {
    throw new Error('a key has no --identity');
  }
  return { bundle: positionals[0], ...values };
}

const readJson = (path) => JSON.parse(fs.readFileSync(path, 'utf8'));

function keyVerifier(path) {
  const publicKey = crypto.createPublicKey(fs.readFileSync(path));
  const nobody = TrustedRoot.fromJSON({});
  const trust = toTrustMaterial(nobody, () => ({ publicKey, validFor: () => true }));
  return new Verifier(trust, KEY_THRESHOLDS);
}

function keylessVerifier(path) {
  const trust = toTrustMaterial(TrustedRoot.fromJSON(readJson(path)));
  return new Verifier(trust, KEYLESS_THRESHOLDS);
}

function expectEqual(what, expected, found) {
  if (expected !== undefined && expected !== found) {
    throw new Error(`${what}: expected ${expected}, found ${found}`);
  }
}

// The library checks the signature only; what the statement is about, we must ask ourselves.
function expectSubject(bundle, digest) {
  if (digest === undefined) return;
  if (bundle.content?.$case !== 'dsseEnvelope') {
    throw new Error('the bundle has no DSSE envelope, so no statement that could name a subject');
  }
  const statement = JSON.parse(bundle.content.dsseEnvelope.payload.toString('utf8'));
  const digests = statement.subject.map((subject) => subject.digest.sha256);
  if (!digests.includes(digest)) {
    throw new Error(`subject: expected sha256 ${digest}, found ${digests.join(', ')}`);
  }
}

function verify(options) {
  const bundle = bundleFromJSON(readJson(options.bundle));
  const verifier =
    options.key === undefined ? keylessVerifier(options['trusted-root']) : keyVerifier(options.key);
  const { identity } = verifier.verify(toSignedEntity(bundle));
  const found = {
    identity: identity?.subjectAlternativeName,
    issuer: identity?.extensions?.issuer,
  };
  // The library would take the identity for a regular expression.
  expectEqual('identity', options.identity, found.identity);
  expectEqual('issuer', options.issuer, found.issuer);
  expectSubject(bundle, options['artifact-digest']);
  return found;
}

function main() {
  let options;
  try {
    options = readArguments();
  } catch (error) {
    return [2, { verified: false, usage: error.message }];
  }
  try {
    return [0, { verified: true, ...verify(options) }];
  } catch (error) {
    const reason = [error.message, error.cause?.message].filter(Boolean).join(': ');
    return [1, { verified: false, code: error.code, reason }];
  }
}

const [status, result] = main();
console.log(JSON.stringify(result));
process.exitCode = status;
