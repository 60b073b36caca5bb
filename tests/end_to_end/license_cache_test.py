"""The client library's LicenseCache in a program of its own, against a server that changes, is killed, comes back."""

import subprocess
import unittest

import lmp_server
from credentials import api_key
from lmp_server import BIN, PARTNER, ServerTestCase, assign_request, create_customer, popen, wait_until
from rpc import Rpc


class Program:
    """client/examples/license_cache.cc."""

    def __init__(self, test, *args):
        self.process = popen([BIN / 'license_cache', *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class LicenseCacheTestCase(ServerTestCase, unittest.TestCase):

    def setUp(self):
        self.rpc = Rpc(self.client)
        self.customers = [create_customer(self.client, f'{self.id().split(".")[-1][5:20].replace("_", "-")}-{i}')
                          for i in range(60)]
        for i, customer in enumerate(self.customers[::3]):
            self.assign(customer, i + 1)

    def assign(self, customer, units):
        # Only what renews by itself can be suspended.
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-monthly', {'cloud-app-security': units}))

    def suspend(self, customer):
        subscription = self.rpc.ListSubscriptions(parent=customer).subscriptions[0].name
        self.rpc.SuspendSubscription(name=subscription)

    def line(self, customer, product='cloud-app-security'):
        return f'{customer.split("/")[1]} {product}'

    def of_server(self, customer, product='cloud-app-security'):
        answer = self.rpc.CheckLicense(customer=customer, product=f'products/{product}')
        state = answer.DESCRIPTOR.fields_by_name['state'].enum_type.values_by_number[answer.state].name
        return f'{"yes" if answer.usable else "no"} {answer.units} {state}'

    def assert_same(self, program):
        """Of all customers, and by the cache itself."""
        def same():
            return all(program.ask(self.line(c)) == f'{self.of_server(c)} cache' for c in self.customers)
        wait_until(same, 20, 'the cache has all')


class LicenseCacheTest(LicenseCacheTestCase):

    def test_it_answers_as_the_server_does_whatever_happens(self):
        program = Program(self, self.server.target)
        self.assert_same(program)
        self.assign(self.customers[1], 77)
        self.suspend(self.customers[0])
        self.rpc.DisableCustomer(name=self.customers[3])
        self.rpc.DeleteCustomer(name=self.customers[5])
        self.assert_same(program)
        self.assertIn('yes 77 ACTIVE', self.of_server(self.customers[1]))
        new = create_customer(self.client, 'came-later')
        self.assign(new, 9)
        wait_until(lambda: program.ask(self.line(new)) == 'yes 9 ACTIVE cache', 20,
                   'a new customer')
        self.assertTrue(program.ask('nobody cloud-app-security').startswith('error: CUSTOMER_NOT_FOUND'))
        self.assertIn('streams 1 ', program.ask('state'))

    def test_a_killed_server_is_outlived_for_as_long_as_answers_are_fresh_and_nothing_is_missed(self):
        program = Program(self, self.server.target)
        self.assert_same(program)
        self.server.kill()
        self.assertEqual(program.ask(self.line(self.customers[0])), 'yes 1 ACTIVE cache', 'within max_staleness')
        wait_until(lambda: program.ask(self.line(self.customers[0])).startswith('error: '), 60, 'too old')
        self.server.start()
        self.client.wait_healthy()
        self.suspend(self.customers[0])
        self.assign(self.customers[1], 3)
        self.assert_same(program)
        self.assertIn('error', program.ask('state'))


class CheckerTest(LicenseCacheTestCase):

    def test_a_checker_of_one_partner_has_its_customers(self):
        theirs = self.rpc.CreatePartner(partner=dict(display_name='Rival', tier='DISTRIBUTOR')).name
        other = self.rpc.CreateCustomer(customer=lmp_server.new_customer(partner=theirs)).name
        program = Program(self, self.server.target, api_key(self.server, '--role', 'CHECKER', '--partner', PARTNER))
        self.assert_same(program)
        self.assertTrue(program.ask(self.line(other)).startswith('error: CUSTOMER_NOT_FOUND'))
        self.rpc.CancelPartner(name=PARTNER)
        self.assert_same(program)
        self.assertIn('DISABLED', program.ask(self.line(self.customers[0])))


if __name__ == '__main__':
    unittest.main()
