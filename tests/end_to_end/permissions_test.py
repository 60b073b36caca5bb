"""Who may call what: every RPC as every role, compared with the page that a person reviewed."""

import unittest

import grpc

import lmp_server
from credentials import ROLES_TABLE, api_key, bearer, read_permissions
from lmp_server import PARTNER, ServerTestCase, call_error
from rpc import METHODS, Rpc, broken_promises

ROLES, RPCS = read_permissions()


class Page(unittest.TestCase):

    def test_the_reviewed_page_is_what_the_program_prints(self):
        self.assertEqual(lmp_server.run_server_command('permissions').stdout, ROLES_TABLE.read_text(),
                         'review what changed, and then: lmp-server permissions > server/auth/permissions.txt')

    def test_every_rpc_is_on_it(self):
        self.assertEqual(set(RPCS), set(METHODS))
        self.assertGreaterEqual(len(ROLES), 9)


class Permissions(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.keys = {}
        for role, bindings in ROLES.items():
            if 'nothing' in bindings:
                cls.keys[role, ''] = api_key(cls.server, '--role', role)
            if 'a partner' in bindings:
                cls.keys[role, PARTNER] = api_key(cls.server, '--role', role, '--partner', PARTNER)
            if 'a customer' in bindings:
                customer = lmp_server.create_customer(cls.client, 'viewed')
                cls.keys[role, customer] = cls.rpc.CreateApiKey(
                    parent=PARTNER, api_key=dict(roles=[role], customer=customer)).secret

    def is_denied(self, name, key):
        """Of an empty request, which is wrong or finds nothing wherever it is let in, so that it changes nothing."""
        try:
            getattr(self.rpc, name)(metadata=bearer(key))
        except grpc.RpcError as error:
            error = lmp_server.Error(error)
            if error.reason != 'PERMISSION_DENIED':
                self.assertNotIn('UNAUTHENTICATED', error.reason, error)
                return False
            self.assertEqual(error.metadata['permission'], RPCS[name][0])
            self.assertEqual(broken_promises(error), [], error)
            return True
        return False

    def test_every_rpc_as_every_role_is_as_the_page_says(self):
        calls = 0
        for (role, binding), key in self.keys.items():
            for name, (_, roles) in RPCS.items():
                with self.subTest(rpc=name, role=role, binding=binding):
                    self.assertEqual(self.is_denied(name, key), role not in roles)
                    calls += 1
        print(f'\n{len(RPCS)} RPCs × {len(self.keys)} callers: {calls} calls as the page says')

    def test_a_role_can_be_had_only_with_its_bindings(self):
        for role, bindings in ROLES.items():
            for word, args in (('nothing', ()), ('a partner', ('--partner', PARTNER))):
                done = lmp_server.run_server_command('api-key', 'create', '--role', role, *args,
                                                     '--embedded-mysql', self.directory / 'never')
                with self.subTest(role=role, binding=word):
                    refused = 'give --partner' in done.stderr or 'leave --partner out' in done.stderr
                    self.assertEqual(refused, word not in bindings, done.stderr)

    def test_the_partner_above_reads_what_its_role_reads_and_changes_nothing(self):
        above = bearer(api_key(self.server, '--role', 'PARTNER_ADMIN', '--partner', 'partners/north-distribution'))
        customer = lmp_server.create_customer(self.client, 'below')
        self.assertEqual(self.rpc.GetCustomer(name=customer, metadata=above).name, customer)
        error = call_error(self.rpc.DisableCustomer, name=customer, metadata=above)
        self.assertEqual(error.reason, 'CUSTOMER_NOT_FOUND')

    def test_a_suspended_and_a_canceled_partner_read_and_change_nothing(self):
        partner = self.rpc.CreatePartner(partner=dict(display_name='Gone', tier='DISTRIBUTOR')).name
        key = bearer(api_key(self.server, '--role', 'PARTNER_ADMIN', '--partner', partner))
        customer = dict(partner=partner, display_name='A', city='Bonn', region='NRW', country='DE',
                        contact=dict(given_name='A', family_name='B', email='a@b.example'))
        self.rpc.CreateCustomer(customer=customer, metadata=key)
        for verb, reason in (('SuspendPartner', 'PARTNER_SUSPENDED'), ('CancelPartner', 'PARTNER_CANCELED')):
            getattr(self.rpc, verb)(name=partner)
            self.assertEqual(call_error(self.rpc.CreateCustomer, customer=customer, metadata=key).reason, reason)
            self.assertEqual(len(self.rpc.ListCustomers(metadata=key).customers), 1)

    def test_an_answer_that_is_kept_is_kept_for_who_got_it(self):
        customer = lmp_server.create_customer(self.client, 'kept')
        other = self.rpc.CreatePartner(partner=dict(display_name='Other', tier='DISTRIBUTOR')).name
        ask = dict(customer=customer, product='products/cloud-app-security', max_staleness=dict(seconds=3600))
        for metadata in (None, bearer(self.keys['CHECKER', PARTNER])):
            self.assertFalse(self.rpc.CheckLicense(metadata=metadata, **ask).usable)
        error = call_error(self.rpc.CheckLicense, metadata=bearer(
            api_key(self.server, '--role', 'CHECKER', '--partner', other)), **ask)
        self.assertEqual(error.reason, 'CUSTOMER_NOT_FOUND')


if __name__ == '__main__':
    unittest.main()
