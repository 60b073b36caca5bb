"""Callers by API key, token and certificate, over real TLS: who comes in, who does not, and what either is told."""

import concurrent.futures
import json
import pathlib
import subprocess
import time
import unittest

import grpc

import lmp_server
from credentials import Issuer, api_key, bearer, database_of
from lmp_server import PARTNER, LmpServer, ServerTestCase, call_error, customer_api, run_server_command
from rpc import Rpc, broken_promises
from tls_test import Authority
from watching import watch

USAGE = 64
KUBERNETES = 'https://kubernetes.default.svc.cluster.local'


class AuthTest(ServerTestCase, unittest.TestCase):
    """A server that must know who calls, with tokens of two issuers and certificates, over TLS."""

    @classmethod
    def make_server(cls, stack):
        cls.authority = Authority(cls.directory, 'authority')
        cls.cert, cls.key = cls.authority.issue('server')
        cls.key.chmod(0o644)
        cls.issuer = Issuer(cls.directory)
        cls.cluster = Issuer(cls.directory, 'cluster')
        cls.cluster.name = KUBERNETES
        cls.auth_file = cls.directory / 'auth.toml'
        cls.write_auth_file()
        return LmpServer(cls.directory, ['--tls-cert', cls.cert, '--tls-key', cls.key,
                                         '--tls-client-ca', cls.authority.cert, '--auth-file', cls.auth_file,
                                         '--time-worker', '0'])

    @classmethod
    def write_auth_file(cls, more=''):
        new = cls.directory / 'auth.new'
        new.write_text(f'''
[[issuer]]
issuer = "{cls.issuer.name}"
audience = "lmp"
jwks = "{cls.issuer.jwks}"
roles_claim = "roles"
partner_claim = "partner"
allow_unbound = true
[[issuer]]
issuer = "{KUBERNETES}"
audience = "lmp"
jwks = "{cls.cluster.jwks}"
[[issuer]]
issuer = "https://away.example"
audience = "lmp"
jwks = "https://127.0.0.1:1/jwks"
[[binding]]
issuer = "{KUBERNETES}"
subject = "system:serviceaccount:billing:checker"
roles = ["SUPPORT"]
[[binding]]
issuer = "mtls"
subject = "spiffe://acme.example/admin"
roles = ["ADMIN"]
[[binding]]
issuer = "mtls"
subject = "dns:desk.acme.example"
roles = ["SUPPORT"]
partner = "{PARTNER}"
{more}''')
        new.rename(cls.auth_file)

    @classmethod
    def setUpClass(cls):
        # The client of the class is the administrator, by its certificate.
        cls.with_catalog = True
        original = LmpServer.client
        LmpServer.client = lambda server, **kwargs: original(server,
                                                             **{**dict(credentials=cls.credentials('admin')), **kwargs})
        cls.addClassCleanup(lambda: setattr(LmpServer, 'client', original))
        super().setUpClass()
        cls.nobody = Rpc(cls.enterClass_(cls.server.client(credentials=cls.credentials('nobody'))))

    @classmethod
    def enterClass_(cls, client):
        cls.addClassCleanup(client.channel.close)
        return client

    NAMES = {'admin': 'URI:spiffe://acme.example/admin', 'desk': 'DNS:desk.acme.example',
             'nobody': 'DNS:nobody.acme.example', 'watcher': 'DNS:watcher.acme.example',
             'twice': 'URI:spiffe://acme.example/admin,URI:spiffe://acme.example/other'}

    @classmethod
    def credentials(cls, name):
        cert, key = cls.directory / f'{name}.pem', cls.directory / f'{name}.key'
        if not cert.exists():
            cls.authority.make(name, '-CA', cls.authority.cert, '-CAkey', cls.authority.key, '-addext',
                               f'subjectAltName={cls.NAMES[name]}', '-addext', 'basicConstraints=critical,CA:FALSE')
        return grpc.ssl_channel_credentials(cls.authority.cert.read_bytes(), key.read_bytes(), cert.read_bytes())

    def partners(self, token=None, rpc=None):
        return [p.name for p in (rpc or self.nobody).ListPartners(metadata=token and bearer(token)).partners]

    def refused(self, token=None, rpc=None):
        error = call_error(self.partners, token, rpc)
        self.assertEqual(broken_promises(error), [], error)
        return error.reason

    def as_certificate(self, name):
        client = self.server.client(credentials=self.credentials(name))
        self.addCleanup(client.channel.close)
        return Rpc(client)

    def test_a_key_that_everybody_can_read_is_warned_of(self):
        warned = [e for e in self.server.log_entries() if 'can read a secret' in e['message']]
        self.assertEqual([(e['severity'], e['file'], e['mode']) for e in warned],
                         [('WARNING', str(self.key), '0644')])

    # Certificates.

    def test_a_certificate_is_known_by_its_best_name(self):
        self.assertEqual(len(self.partners(rpc=Rpc(self.client))), 2)
        self.assertEqual(self.partners(rpc=self.as_certificate('desk')), [PARTNER])
        self.assertEqual(self.refused(rpc=self.as_certificate('nobody')), 'PERMISSION_DENIED')
        self.assertEqual(self.refused(rpc=self.as_certificate('twice')), 'UNAUTHENTICATED_INVALID')

    def test_events_name_who_did_it(self):
        self.assertEqual(Rpc(self.client).ListEvents(parent=PARTNER).events[0].actor, 'spiffe://acme.example/admin')

    # Tokens.

    def test_a_token_with_roles_of_its_own(self):
        self.assertEqual(len(self.partners(self.issuer.token('4711', roles=['SUPPORT']))), 2)
        self.assertEqual(self.partners(self.issuer.token('4711', roles=['SUPPORT'], partner=PARTNER)), [PARTNER])
        self.assertEqual(self.refused(self.issuer.token('4711', roles=['METER'])), 'PERMISSION_DENIED')
        self.assertEqual(self.refused(self.issuer.token('4711')), 'PERMISSION_DENIED', 'no roles, and no binding')
        self.assertEqual(self.refused(self.issuer.token('4711', roles=['ADMIN'], partner=PARTNER)), 'PERMISSION_DENIED')

    def test_a_kubernetes_service_account_by_configuration_alone(self):
        claims = {'kubernetes.io': {'namespace': 'billing', 'serviceaccount': {'name': 'checker', 'uid': 'u'}}}
        self.assertEqual(len(self.partners(self.cluster.token('system:serviceaccount:billing:checker', **claims))), 2)
        other = self.cluster.token('system:serviceaccount:other:checker', **claims)
        self.assertEqual(self.refused(other), 'PERMISSION_DENIED')

    def test_tokens_that_are_not_for_us_or_not_good(self):
        for reason, token in (('INVALID', self.issuer.token('x', aud='other')),
                              ('INVALID', self.issuer.token('x', iss='https://x')),
                              ('INVALID', self.issuer.token('x', header=dict(typ='lmp-license+jwt'))),
                              ('INVALID', self.issuer.token('x', header=dict(crit=['x']))),
                              ('INVALID', self.cluster.token('x', iss=self.issuer.name)), ('INVALID', 'a.b.c'),
                              ('EXPIRED', self.issuer.token('x', lifetime=-61))):
            self.assertEqual(self.refused(token), f'UNAUTHENTICATED_{reason}')

    def test_an_issuer_whose_keys_can_not_be_had_is_not_the_callers_fault(self):
        self.assertEqual(self.refused(self.issuer.token('x', iss='https://away.example')), 'ISSUER_UNAVAILABLE')

    def test_new_keys_and_bindings_are_taken_without_a_failed_call(self):
        token = self.issuer.token('4711', roles=['SUPPORT'])
        stop = time.monotonic() + 8

        def call():
            calls = 0
            while time.monotonic() < stop:
                self.partners(token)
                calls += 1
            return calls

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            running = [pool.submit(call) for _ in range(4)]
            other = Issuer(self.directory, 'other', 'k2')
            other.name = self.issuer.name
            keys = json.dumps(dict(keys=[self.issuer.jwk, other.jwk]))
            (self.directory / 'jwks.new').write_text(keys)
            (self.directory / 'jwks.new').rename(self.issuer.jwks)
            lmp_server.wait_until(
    lambda: self.comes_in(
        other.token(
            '1',
            roles=['SUPPORT'])),
            10,
             'the new key is known')
            subject = 'dns:nobody.acme.example'
            self.write_auth_file(f'[[binding]]\nissuer = "mtls"\nsubject = "{subject}"\nroles = ["SUPPORT"]\n')
            lmp_server.wait_until(lambda: self.comes_in(None), 10, 'the new binding holds')
            self.auth_file.write_text('[[binding')
            time.sleep(2.5)
            self.assertTrue(self.comes_in(None), 'a broken file changes nothing')
            self.write_auth_file()
            lmp_server.wait_until(lambda: not self.comes_in(None), 10, 'the binding is gone')
            self.assertGreater(sum(r.result() for r in running), 10)
        self.assertTrue(any('can\'t be used' in e['message'] and 'line' in e['error']
                        for e in self.server.log_entries()))

    def test_a_stream_ends_when_its_callers_rights_become_others(self):
        binding = '[[binding]]\nissuer = "mtls"\nsubject = "dns:watcher.acme.example"\nroles = ["SUPPORT"]\n'
        self.write_auth_file(f'{binding}partner = "{PARTNER}"\n')
        rpc = self.as_certificate('watcher')
        lmp_server.wait_until(lambda: self.comes_in(None, rpc), 10, 'the binding holds')
        stream = watch(rpc.client, timeout=90, checkpoint_interval=dict(seconds=1))
        next(stream)
        self.write_auth_file(binding)
        error = call_error(list, stream)
        self.assertEqual(error.reason, 'WATCH_ENDED', error)
        self.assertEqual(broken_promises(error), [], error)
        self.write_auth_file()

    def test_an_answer_that_is_kept_is_for_the_binding_of_then(self):
        customer = lmp_server.create_customer(self.client, 'kept')
        ask = dict(customer=customer, product='products/cloud-app-security', max_staleness=dict(seconds=3600))
        binding = '[[binding]]\nissuer = "mtls"\nsubject = "dns:watcher.acme.example"\nroles = ["SUPPORT"]\n'
        self.write_auth_file(binding)
        rpc = self.as_certificate('watcher')
        lmp_server.wait_until(lambda: self.comes_in(None, rpc), 10, 'the binding holds')
        self.assertFalse(rpc.CheckLicense(**ask).usable)
        self.write_auth_file(f'{binding}partner = "partners/elsewhere"\n')
        lmp_server.wait_until(lambda: not self.comes_in(None, rpc), 10, 'it is bound')
        self.assertEqual(call_error(rpc.CheckLicense, **ask).reason, 'CUSTOMER_NOT_FOUND')
        self.write_auth_file()

    def comes_in(self, token, rpc=None):
        try:
            return bool(self.partners(token, rpc))
        except grpc.RpcError:
            return False

    # API keys.

    def test_an_api_key_from_its_making_to_its_end(self):
        secret = api_key(self.server, '--role', 'SUPPORT', '--partner', PARTNER, '--name', 'for the desk')
        self.assertRegex(secret, r'^lmp_[0-9a-hjkmnp-tv-z]{39}$')
        self.assertEqual(self.partners(secret), [PARTNER])
        self.assertEqual(self.refused(secret[:-1] + ('0' if secret[-1] != '0' else '1')), 'UNAUTHENTICATED_INVALID')
        listed = run_server_command('api-key', 'list', *database_of(self.server)).stdout
        line = next(line for line in listed.splitlines() if 'for the desk' in line)
        name = line.split()[0]
        self.assertRegex(line, rf'{PARTNER}/apiKeys/\w+\tSUPPORT\tACTIVE')
        self.assertNotIn(secret, listed)
        self.assertEqual(run_server_command('api-key', 'revoke', name, *database_of(self.server)).returncode, 0)
        started = time.monotonic()
        lmp_server.wait_until(lambda: not self.comes_in(secret), 10, 'a revoked key is refused')
        self.assertLess(time.monotonic() - started, 5.5)
        self.assertEqual(self.refused(secret), 'UNAUTHENTICATED_INVALID')
        self.assertEqual(run_server_command('api-key', 'revoke', 'nobody', *database_of(self.server)).returncode, 1)

    def test_an_expired_key_says_so(self):
        secret = api_key(self.server, '--role', 'SUPPORT', '--name', 'old')
        self.server.sql("UPDATE api_keys SET expire_time = '2020-01-01' WHERE display_name = 'old'")
        self.assertEqual(self.refused(secret), 'UNAUTHENTICATED_EXPIRED')

    def test_nothing_of_a_secret_is_in_the_log_or_the_database(self):
        secret = api_key(self.server, '--role', 'SUPPORT')
        token = self.issuer.token('4711', roles=['SUPPORT'])
        self.partners(secret), self.partners(token)
        self.refused('lmp_' + 'x' * 39)
        text = self.server.log_text()
        rows = str(self.server.sql('SELECT * FROM api_keys'))
        for piece in (secret, secret[4:], token, token.split('.')[2], 'x' * 39):
            self.assertNotIn(piece, text)
            self.assertNotIn(piece, rows)

    # Refusals.

    def test_who_guesses_is_logged_once_a_second_and_counted(self):
        # A connection of its own is no peer of its own.
        start = len(self.server.log_entries())
        began = time.monotonic()
        for _ in range(50):
            self.refused('lmp_guess')
        seconds = time.monotonic() - began
        lines = [e for e in self.server.log_entries()[start:] if e['message'] == 'a caller was refused']
        self.assertLessEqual(len(lines), 2 + seconds)
        self.assertTrue(all(e['reason'] == 'UNAUTHENTICATED_INVALID' and 'checksum' in e['why'] for e in lines), lines)


class OpenDoors(ServerTestCase, unittest.TestCase):
    """On loopback with nothing configured: two commands, as ever; and yet a key is only what it is."""

    def test_whoever_brings_nothing_is_the_administrator_and_a_key_is_not(self):
        rpc = Rpc(self.client)
        self.assertEqual(len(rpc.ListPartners().partners), 2)
        key = bearer(api_key(self.server, '--role', 'SUPPORT', '--partner', PARTNER))
        self.assertEqual([p.name for p in rpc.ListPartners(metadata=key).partners], [PARTNER])
        error = call_error(rpc.GetPartner, name='partners/north-distribution', metadata=key)
        self.assertEqual((error.code.name, error.reason), ('NOT_FOUND', 'PARTNER_NOT_FOUND'))
        for header in ('Bearer lmp_x', 'Basic YTpi', 'lmp_x', ''):
            error = call_error(rpc.ListPartners, metadata=[('authorization', header)])
            self.assertEqual(error.reason, 'UNAUTHENTICATED_INVALID', header)

    def test_on_other_addresses_it_does_not_start_in_the_open(self):
        authority = Authority(self.directory, 'authority2')
        cert, key = authority.issue('server2')
        serve = ('serve', '--embedded-mysql', self.directory / 'never', '--listen', '0.0.0.0:0',
                 '--tls-cert', cert, '--tls-key', key)

        done = run_server_command(*serve)
        self.assertEqual(done.returncode, USAGE)
        for flag in ('--require-authentication', '--auth-file', '--allow-anonymous-admin'):
            self.assertIn(flag, done.stderr)
        # A name that begins like an address of this host is that of any.
        done = run_server_command('serve', '--embedded-mysql', self.directory / 'never', '--listen', '127.db.example:0')
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn('refusing to listen on 127.db.example:0', done.stderr)
        done = run_server_command(*serve, '--require-authentication', '--allow-anonymous-admin')
        self.assertEqual(done.returncode, USAGE, done.stderr)
        bad = self.directory / 'bad.toml'
        bad.write_text('[[binding]]\nissuer = "mtls"\nsubject = "*"\nroles = ["ROOT"]\n')
        done = run_server_command(*serve, '--auth-file', bad)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn('line 4', done.stderr)
        self.assertFalse((self.directory / 'never').exists())


class RateLimit(ServerTestCase, unittest.TestCase):
    server_args = ('--rate-limit', '1')
    with_catalog = False

    def test_each_caller_has_a_rate_of_its_own(self):
        rpc = Rpc(self.client)
        key = bearer(api_key(self.server, '--role', 'SUPPORT'))
        errors = []
        for _ in range(30):
            try:
                rpc.ListPartners(metadata=key)
            except grpc.RpcError as error:
                errors.append(lmp_server.Error(error))
        self.assertGreater(len(errors), 2, 'more than one call a second')
        self.assertEqual({e.reason for e in errors}, {'RATE_LIMITED'})
        self.assertEqual(broken_promises(errors[0]), [], errors[0])
        rpc.ListPartners()  # others are not slowed
        time.sleep(1.1)
        rpc.ListPartners(metadata=key)


class RequireKeys(ServerTestCase, unittest.TestCase):
    server_args = ('--require-authentication',)
    with_catalog = False

    def test_nobody_comes_in_without_a_key_and_the_tool_with_one_does(self):
        rpc = Rpc(self.client)
        error = call_error(rpc.ListPartners)
        self.assertEqual(error.reason, 'UNAUTHENTICATED_NO_CREDENTIALS')
        self.assertEqual(broken_promises(error), [], error)
        file = self.directory / 'key'
        file.write_text(api_key(self.server, '--role', 'ADMIN') + '\n')
        file.chmod(0o600)
        lmp_server.Cli(self.server.target).ok('partner', 'list', '--token-file', file)
        done = lmp_server.Cli(self.server.target).run('partner', 'list')
        self.assertIn('send an API key or a token', done.stderr)

    def test_of_two_headers_none_counts(self):
        rpc, good = Rpc(self.client), bearer(api_key(self.server, '--role', 'ADMIN'))
        rpc.ListPartners(metadata=good)
        for two in (good + good, good + bearer('other'), bearer('other') + good):
            self.assertEqual(call_error(rpc.ListPartners, metadata=two).reason, 'UNAUTHENTICATED_INVALID', two)


if __name__ == '__main__':
    unittest.main()
