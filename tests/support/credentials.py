"""Callers of every kind for the Python tests: API keys, signed tokens, and certificates, all made on the spot."""

import base64
import json
import pathlib
import subprocess
import time

import lmp_server

ROLES_TABLE = pathlib.Path(__file__).parents[2] / 'server/auth/permissions.txt'


def api_key(server, *args):
    """The secret of a new key, made beside the running server's embedded database."""
    done = lmp_server.run_server_command('api-key', 'create', *args, *database_of(server))
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def database_of(server):
    return '--mysql-url', f'mysql://root@localhost/lmp?socket={server.socket}'


def bearer(token):
    """For `metadata=` of a call."""
    return [('authorization', f'Bearer {token}')]


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class Issuer:
    """Signs tokens with a key (RS256) in a directory, and writes its key set beside it."""

    def __init__(self, directory, name='issuer', key_id='k1'):
        self.key, self.jwks, self.key_id = directory / f'{name}.key', directory / f'{name}.jwks', key_id
        self.name = f'https://{name}.example'
        subprocess.run(['openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out',
            self.key], check=True,
                       capture_output=True)
        modulus = subprocess.run(['openssl', 'rsa', '-in', self.key, '-noout', '-modulus'], check=True,
            capture_output=True,
                                 encoding='ascii').stdout.strip().split('=')[1]
        self.jwk = dict(kty='RSA', alg='RS256', use='sig', kid=key_id, n=encoded(bytes.fromhex(modulus)), e='AQAB')
        self.jwks.write_text(json.dumps(dict(keys=[self.jwk])))

    def token(self, subject, lifetime=300, header=None, **claims):
        now = int(time.time())
        claims = {**dict(iss=self.name, aud=['lmp'], sub=subject, iat=now, nbf=now, exp=now + lifetime), **claims}
        parts = [dict(alg='RS256', kid=self.key_id, **(header or {})), claims]
        text = '.'.join(encoded(json.dumps(part).encode()) for part in parts)
        signed = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self.key],
                                input=text.encode(), check=True, capture_output=True)
        return f'{text}.{encoded(signed.stdout)}'


def read_permissions():
    """From the reviewed page: ({role: what it is bound to}, {RPC: (permission, set of roles)})."""
    roles, rpcs = {}, {}
    for line in ROLES_TABLE.read_text().splitlines():
        words = line.split()
        if words and words[0].isdigit() and not words[1].isdigit():
            roles[words[1]] = ' '.join(words[2:])
        elif len(words) > 3 and set(words[2:]) <= {'x', '.'}:
            rpcs[words[0]] = (words[1], {role for role, mark in zip(roles, words[2:]) if mark == 'x'})
    return roles, rpcs
