"""Knowing who calls sends no statement more a call, however the caller says it."""

import unittest

import grpc

from authority import Authority
from credentials import Issuer, api_key, bearer
from lmp_server import LmpServer, ServerTestCase, assign_request, create_customer, licensing_api

CALLS = 400


class AuthCost(ServerTestCase, unittest.TestCase):

    @classmethod
    def make_server(cls, stack):
        cls.authority = Authority(cls.directory, 'authority')
        cert, key = cls.authority.issue('server')
        cls.authority.issue('admin', 'URI:spiffe://acme.example/admin')
        cls.issuer = Issuer(cls.directory)
        file = cls.directory / 'auth.toml'
        file.write_text(f'[[issuer]]\nissuer = "{cls.issuer.name}"\naudience = "lmp"\njwks = "{cls.issuer.jwks}"\n'
                        'roles_claim = "roles"\n[[binding]]\nissuer = "mtls"\n'
                        'subject = "spiffe://acme.example/admin"\nroles = ["ADMIN"]\n')
        return LmpServer(cls.directory, ['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', cls.authority.cert,
                                         '--auth-file', file, '--time-worker', '0'])

    @classmethod
    def setUpClass(cls):
        original = LmpServer.client
        LmpServer.client = lambda server, **kwargs: original(server, credentials=cls.credentials(), **kwargs)
        cls.addClassCleanup(lambda: setattr(LmpServer, 'client', original))
        super().setUpClass()

    @classmethod
    def credentials(cls):
        return grpc.ssl_channel_credentials(*((cls.directory / name).read_bytes()
                                              for name in ('authority.pem', 'admin.key', 'admin.pem')))

    def statements(self):
        return int(self.server.sql("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])

    def test_statements_of_a_call(self):
        customer = create_customer(self.client, 'asked')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))
        request = licensing_api.CheckLicenseRequest(customer=customer, product='products/cloud-app-security')
        kinds = dict(certificate=None, key=bearer(api_key(self.server, '--role', 'CHECKER')),
                     token=bearer(self.issuer.token('4711', roles=['CHECKER'])))
        sent = {}
        for kind, metadata in kinds.items():
            self.client.licensing.CheckLicense(request, timeout=30, metadata=metadata)
            before = self.statements()
            for _ in range(CALLS):
                self.client.licensing.CheckLicense(request, timeout=30, metadata=metadata)
            sent[kind] = (self.statements() - before) / CALLS
        # Some are of the server's own, a few a second.
        self.assertEqual({kind: round(count) for kind, count in sent.items()}, dict.fromkeys(kinds, 1), sent)


if __name__ == '__main__':
    unittest.main()
