"""TLS and mutual TLS with certificates made here, for gRPC clients and the `lmp` tool."""

import unittest

import grpc

import lmp_server
from authority import Authority
from lmp_server import Cli, LmpServer, call_error, customer_api, run_server_command

DEADLINE_EXCEEDED, UNAVAILABLE, USAGE = 4, 14, 64


class TlsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = lmp_server.TemporaryDirectory()
        cls.addClassCleanup(temporary.remove)
        cls.directory = temporary.path
        cls.authority = Authority(cls.directory, 'authority')
        cls.server_cert, cls.server_key = cls.authority.issue('server')
        cls.client_cert, cls.client_key = cls.authority.issue('client')
        cls.stranger = Authority(cls.directory, 'stranger')
        cls.stranger_cert, cls.stranger_key = cls.stranger.issue('impostor')

    def serve(self, *args):
        server = LmpServer(self.directory, ['--tls-cert', self.server_cert, '--tls-key', self.server_key, *args])
        self.addCleanup(lambda: server.kill())
        return server.start()

    def call(self, server, ca, cert=None, key=None):
        credentials = grpc.ssl_channel_credentials(ca.read_bytes(), key and key.read_bytes(),
                                                   cert and cert.read_bytes())
        with server.client(credentials=credentials) as client:
            return client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=10)

    def assert_cli_fails(self, server, *flags):
        """As if nobody were there; its last attempt may have been cut short by the timeout."""
        done = Cli(server.target).run('partner', 'list', '--timeout', '2s', *flags)
        self.assertIn(done.returncode, (UNAVAILABLE, DEADLINE_EXCEEDED), done.stderr)

    def test_tls_is_served_to_who_trusts_its_authority_only(self):
        server = self.serve()
        self.call(server, self.authority.cert)
        self.assertEqual(call_error(self.call, server, self.stranger.cert).code, grpc.StatusCode.UNAVAILABLE)
        with server.client() as plaintext:
            error = call_error(plaintext.customers.ListPartners, customer_api.ListPartnersRequest(), timeout=10)
            self.assertEqual(error.code, grpc.StatusCode.UNAVAILABLE)
        Cli(server.target).ok('partner', 'list', '--tls-ca', self.authority.cert)
        self.assert_cli_fails(server)

    def test_mutual_tls_demands_a_certificate_of_the_authority(self):
        server = self.serve('--tls-client-ca', self.authority.cert)
        self.call(server, self.authority.cert, self.client_cert, self.client_key)
        for cert, key in ((None, None), (self.stranger_cert, self.stranger_key)):
            error = call_error(self.call, server, self.authority.cert, cert, key)
            self.assertEqual(error.code, grpc.StatusCode.UNAVAILABLE, error)
        ca = ('--tls-ca', self.authority.cert)
        Cli(server.target).ok('partner', 'list', *ca, '--tls-cert', self.client_cert, '--tls-key', self.client_key)
        self.assert_cli_fails(server, *ca)
        self.assertEqual(server.stop(), 0)
        self.assertTrue(server.log_entries(), 'failed handshakes are lines of JSON too')

    def test_with_tls_any_address_may_be_listened_on(self):
        server = LmpServer(self.directory, ['--tls-cert', self.server_cert, '--tls-key', self.server_key,
                                            '--allow-anonymous-admin'],
                           listen='0.0.0.0:0')
        self.addCleanup(lambda: server.kill())
        server.start()
        self.call(server, self.authority.cert)

    def test_files_that_are_no_certificate_or_do_not_fit_are_refused_at_the_start(self):
        bad = self.directory / 'bad.pem'
        bad.write_text('garbage')
        serve = ('serve', '--embedded-mysql', self.directory / 'never')
        for cert, key, ca, named in ((self.directory / 'gone.pem', self.server_key, None, 'gone.pem'),
                                     (bad, bad, None, 'bad.pem'),
                                     (self.server_cert, bad, None, 'bad.pem'),
                                     (self.server_cert, self.client_key, None, 'client.key'),
                                     (self.server_cert, self.server_key, bad, 'bad.pem')):
            done = run_server_command(*serve, '--tls-cert', cert, '--tls-key', key,
                                      *(['--tls-client-ca', ca] if ca else []))
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn(named, done.stderr)
        self.assertFalse((self.directory / 'never').exists())


if __name__ == '__main__':
    unittest.main()
