"""License tokens: what their tests share, and a verifier that is not ours (OpenSSL)."""

import base64
import json
import pathlib
import subprocess

import lmp_server
from lmp_server import Cli, assign_request, create_customer, new_request_id
from lmp.v1 import license_token_pb2 as api

CAS = {'cloud-app-security': 25}
INVALID_ARGUMENT, FAILED_PRECONDITION, UNAVAILABLE, UNAUTHENTICATED, USAGE = 3, 9, 14, 16, 64
# What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
SPKI_PREFIX = bytes.fromhex('302a300506032b6570032100')


def openssl(*args):
    return subprocess.run(['openssl', *map(str, args)], capture_output=True)


def make_key(path):
    done = openssl('genpkey', '-algorithm', 'ed25519', '-out', path)
    assert done.returncode == 0, done.stderr
    return path


def public_of(private, path):
    assert openssl('pkey', '-in', private, '-pubout', '-out', path).returncode == 0
    return path


def unbase64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def verify(directory, token, jwks_json):
    """The claims of a JWT, as RFC 7515 and RFC 8037 say; nothing of ours is used."""
    header_part, payload_part, signature_part = token.split('.')
    header = json.loads(unbase64(header_part))
    assert header['alg'] == 'EdDSA', header
    jwk, = (k for k in json.loads(jwks_json)['keys'] if k['kid'] == header['kid'])
    assert (jwk['kty'], jwk['crv']) == ('OKP', 'Ed25519'), jwk
    key, message, signature = (pathlib.Path(directory) / n for n in ('v.key', 'v.message', 'v.signature'))
    key.write_bytes(SPKI_PREFIX + unbase64(jwk['x']))
    message.write_bytes(f'{header_part}.{payload_part}'.encode())
    signature.write_bytes(unbase64(signature_part))
    done = openssl('pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', key, '-rawin', '-in', message,
                   '-sigfile', signature)
    if done.returncode != 0:
        raise AssertionError(f'OpenSSL does not verify the token: {done.stdout} {done.stderr}')
    return header, json.loads(unbase64(payload_part))


class TokenTestCase(lmp_server.ServerTestCase):

    def setUp(self):
        self.cli = Cli(self.server.target)
        self.offline = Cli('127.0.0.1:1')  # nobody there

    def path(self, name):
        return self.directory / name

    def write(self, name, text):
        self.path(name).write_text(text)
        return self.path(name)

    def license_of(self, customer, plan='cas-monthly'):
        """A customer with one license: its subscription and it."""
        create_customer(self.client, customer)
        subscription = self.client.licensing.AssignServicePlan(
            assign_request(f'customers/{customer}', plan, CAS, request_id=new_request_id())).subscription
        return subscription.name, subscription.licenses[0]

    def issue(self, name, **fields):
        return self.client.licensing.IssueLicenseToken(api.IssueLicenseTokenRequest(name=name, **fields))

    def keys(self, client=None):
        return (client or self.client).licensing.ListLicenseTokenKeys(api.ListLicenseTokenKeysRequest())

    def revocations(self, parent):
        return self.client.licensing.GetLicenseRevocationList(api.GetLicenseRevocationListRequest(parent=parent))

    def revoked_ids(self, parent):
        answer = self.revocations(parent)
        header, claims = verify(self.directory, answer.revocation_list, self.keys().jwks_json)
        self.assertEqual(header['typ'], 'lmp-revocations+jwt')
        self.assertEqual((claims['iss'], claims['sub']), ('lmp', parent))
        self.assertEqual(claims['exp'] - claims['iat'], 86400)
        self.assertEqual((claims['iat'], claims['exp']), (answer.issue_time.seconds, answer.expire_time.seconds))
        self.assertEqual(answer.revoked_count, len(claims['lmp']['revoked']))
        return claims['lmp']['revoked']

    def verify_offline(self, token, *flags, exit_code=0, keys=None):
        """`lmp license verify` on files; its JSON, or the reason of its error."""
        token = self.write('token', token)
        keys = self.write('keys.json', keys or self.keys().jwks_json)
        done = self.offline.run('license', 'verify', token, '--keys', keys, '-o', 'json', *flags)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        if exit_code == 0:
            return json.loads(done.stdout)
        return json.loads(done.stderr)['details'][0]['reason']
