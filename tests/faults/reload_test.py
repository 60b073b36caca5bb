"""Certificates, CA, key sets, bindings and keys are replaced under load: whoever is entitled before and after is never
refused, whoever is withdrawn is, and what can't be used changes nothing, is logged and counted.

The long form:  LMP_RELOAD_ROUNDS=50 ctest --test-dir build/test -V -R faults.reload --timeout 3600
"""

import json
import os
import re
import signal
import subprocess
import time
import unittest
import urllib.request

import grpc

from authority import Authority
from constant_callers import ConstantCaller, ConstantCallers
from credentials import Issuer, api_key, bearer
from lmp_server import LmpServer, ServerTestCase, call_error, customer_api, wait_until

ROUNDS = int(os.environ.get('LMP_RELOAD_ROUNDS', '2'))
FILES = ('tls', 'auth_file', 'issuer_keys', 'token_keys')


class ReloadTest(ServerTestCase, unittest.TestCase):

    @classmethod
    def make_server(cls, stack):
        cls.ours, cls.other = Authority(cls.directory, 'ours'), Authority(cls.directory, 'other')
        for name in ('server-0', 'server-1'):
            cls.ours.issue(name)
        for name, authority in (('caller', cls.ours), ('guest', cls.ours), ('stranger', cls.other)):
            authority.issue(name, f'URI:spiffe://acme.example/{name}')
        cls.issuer, cls.second = Issuer(cls.directory), Issuer(cls.directory, 'second', 'k2')
        cls.second.name = cls.issuer.name
        for name in ('token-0', 'token-1'):
            subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', cls.directory / name], check=True)
        names = ('live.pem', 'live.key', 'live-ca.pem', 'auth.toml', 'live.jwks', 'live.token')
        cls.cert, cls.key, cls.ca, cls.auth, cls.jwks, cls.token_key = (cls.directory / name for name in names)
        cls.replace(cls.content(0))
        return LmpServer(cls.directory, ['--tls-cert', cls.cert, '--tls-key', cls.key, '--tls-client-ca', cls.ca,
                                         '--auth-file', cls.auth, '--token-key-file', cls.token_key,
                                         '--time-worker', '0', '--metrics-listen', '127.0.0.1:0'])

    @classmethod
    def setUpClass(cls):
        original = LmpServer.client
        LmpServer.client = lambda server, **kwargs: original(server, **{**dict(credentials=cls.credentials('caller')),
                                                                        **kwargs})
        cls.addClassCleanup(lambda: setattr(LmpServer, 'client', original))
        super().setUpClass()

    @classmethod
    def content(cls, number, guest=True, second=True, stranger=True):
        """{file: bytes} of a generation: the caller is in each; the guest, the second key and the stranger's CA may
        not be."""
        def read(name):
            return (cls.directory / name).read_bytes()

        bindings = [('stranger', 'SUPPORT')] + [('guest', 'SUPPORT')] * guest + [('caller', 'ADMIN')]
        auth = f'# {number}\n[[issuer]]\nissuer = "{cls.issuer.name}"\naudience = "lmp"\njwks = "{cls.jwks}"\n'
        auth += f'roles_claim = "roles"\n# {"x" * (number % 7)}\n' + ''.join(
            f'[[binding]]\nissuer = "mtls"\nsubject = "spiffe://acme.example/{name}"\nroles = ["{role}"]\n'
            for name, role in bindings)
        keys = dict(keys=[cls.issuer.jwk] + [cls.second.jwk] * second, generation=number)
        side = number % 2
        return {cls.cert: read(f'server-{side}.pem'), cls.key: read(f'server-{side}.key'),
                cls.ca: b'# %d\n' % number + read('ours.pem') + (read('other.pem') if stranger else b''),
                cls.auth: auth.encode(), cls.jwks: json.dumps(keys).encode(), cls.token_key: read(f'token-{side}')}

    @classmethod
    def replace(cls, content):
        """Each by renaming, as it should be done; the certificate a moment before its key."""
        for file, data in content.items():
            new = file.with_suffix('.new')
            new.write_bytes(data)
            new.rename(file)

    @staticmethod
    def write_slowly(content):
        """In place and in two pieces, the first of which ends with a line if it can: of TOML it is a valid file."""
        for file, data in content.items():
            cut = data.rfind(b'\n', 0, len(data) * 2 // 3) + 1 or len(data) // 2
            with open(file, 'wb') as out:
                out.write(data[:cut])
                out.flush()
                time.sleep(0.2)
                out.write(data[cut:])

    @classmethod
    def credentials(cls, name):
        files = ('ours.pem', f'{name}.key', f'{name}.pem')
        return grpc.ssl_channel_credentials(*((cls.directory / file).read_bytes() for file in files))

    def counts(self):
        """{(file, result): how often}."""
        port = next(e['port'] for e in self.server.log_entries() if e['message'] == 'listening for metrics')
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=20) as answer:
            text = answer.read().decode()
        return {(file, result): int(float(count)) for file, result, count in re.findall(
            r'(?m)^lmp_reloads_total\{file="(\w+)",result="(\w+)"\} (\S+)$', text)}

    def until_counted(self, result, before):
        def missing():
            now = self.counts()
            return [file for file in FILES if now.get((file, result), 0) <= before.get((file, result), 0)]

        try:
            wait_until(lambda: not missing(), 30, '')
        except AssertionError:
            self.fail(f'these are not {result}: {missing()}; before {before}, now {self.counts()}')

    def comes_in(self, client, token=None):
        try:
            client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=10,
                                          metadata=token and bearer(token))
            return True
        except grpc.RpcError:
            return False

    def open(self, name):
        client = self.server.client(credentials=self.credentials(name))
        self.addCleanup(client.channel.close)
        return client

    def start_callers(self):
        key = api_key(self.server, '--role', 'SUPPORT')
        token = self.issuer.token('4711', lifetime=3600, roles=['SUPPORT'])
        kinds = (('by key', 'guest', key), ('by token', 'guest', token), ('by certificate', 'caller', None))
        callers = ConstantCallers([ConstantCaller(f'{kind}{", always anew" * anew}', self.server,
                                                  self.credentials(name), secret, anew)
                                   for kind, name, secret in kinds for anew in (False, True)])
        self.addCleanup(callers.end)
        return callers

    def test_replaced_under_load(self):
        callers = self.start_callers()
        number = 0
        for _ in range(ROUNDS):
            before = self.counts()
            number += 1
            self.replace(self.content(number))
            self.until_counted('taken', before)
            callers.go_on()
            number += 1
            before = self.counts()
            self.write_slowly(self.content(number))  # what half of it says does not count
            self.until_counted('taken', before)
            callers.go_on()
            before = self.counts()
            for file, data in self.content(number).items():
                file.write_bytes(data[:-4])
            self.until_counted('refused', before)  # cut off for good
            callers.go_on()
            for file in self.content(number):
                file.write_bytes(b'' if file == self.auth else b'garbage = {')
            self.server.process.send_signal(signal.SIGHUP)
            callers.go_on(10)
            before = self.counts()
            for _ in range(20):
                number += 1
                self.replace(self.content(number))
                time.sleep(0.02)
            self.until_counted('taken', before)
            callers.go_on()
        self.withdraw(callers, number)
        callers.end()
        self.assertEqual(callers.failures(), {})
        print(f'\n{ {c.name: c.calls for c in callers.callers} }, {self.counts()}')
        errors = ' '.join(e.get('error', '') for e in self.server.log_entries() if e['severity'] == 'ERROR')
        for file in (self.auth, self.cert.name, 'JSON Web Key Set'):
            self.assertIn(str(file), errors)

    def withdraw(self, callers, number):
        """The guest's binding, the stranger's CA and the second key of the issuer, on connections that are open."""
        self.replace(self.content(number + 1))
        token = self.second.token('1', roles=['SUPPORT'])
        guest, stranger = self.open('guest'), self.open('stranger')
        wait_until(lambda: self.comes_in(guest) and self.comes_in(stranger) and self.comes_in(guest, token), 20,
                   'all are let in')
        self.replace(self.content(number + 2, guest=False, second=False, stranger=False))
        wait_until(lambda: not self.comes_in(guest), 10, 'whose binding is gone is refused')
        wait_until(lambda: not self.comes_in(stranger), 10, 'whose CA is gone is refused')
        wait_until(lambda: not self.comes_in(guest, token), 10, 'what the withdrawn key has signed is refused')
        request = customer_api.ListPartnersRequest()
        for client, metadata, reason in ((guest, None, 'PERMISSION_DENIED'),
                                         (stranger, None, 'UNAUTHENTICATED_INVALID'),
                                         (guest, bearer(token), 'UNAUTHENTICATED_INVALID')):
            error = call_error(client.customers.ListPartners, request, timeout=10, metadata=metadata)
            self.assertEqual(error.reason, reason, error)
        anew = self.open('stranger')
        self.assertEqual(call_error(anew.customers.ListPartners, request, timeout=5).code.name, 'UNAVAILABLE')
        callers.go_on()


if __name__ == '__main__':
    unittest.main()
