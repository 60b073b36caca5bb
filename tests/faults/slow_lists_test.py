"""Lists that the database lets wait delay neither reads by key, nor checks, nor what else is asked."""

import subprocess
import time
import unittest

import grpc

import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import assign_request, create_customer
from rpc import Rpc

LISTS = 40   # far more than the server has workers of any kind
WAIT = 4     # seconds that they wait
LONGEST = 3  # seconds that another call may take, on a busy machine


class SlowListsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def table_locked(self, table):
        """Who reads it waits."""
        session = lmp_server.popen(['mariadb', '--no-defaults', '--batch', '--skip-column-names', '--unbuffered',
                                    '--socket', self.database.lender.socket, '--user=root', 'lmp'],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8')
        session.stdin.write(f"LOCK TABLES {table} WRITE; SELECT 'held';\n")
        session.stdin.flush()
        if session.stdout.readline() != 'held\n':
            raise AssertionError(f'not locked: {table}')
        return session

    def test_they_delay_only_lists(self):
        rpc = Rpc(self.client)
        name = create_customer(self.client, 'bystander')
        self.client.licensing.AssignServicePlan(assign_request(name, 'cas-annual', {'cloud-app-security': 5}))
        list_plans, request = rpc.method('ListRegistrationKeys')
        longest, calls = 0, 0
        with self.server.client() as other:
            session = self.table_locked('registration_keys')
            try:
                lists = [list_plans.future(request(), timeout=60) for _ in range(LISTS)]
                end = time.monotonic() + WAIT
                while time.monotonic() < end:
                    for call in (lambda r: r.GetCustomer(name=name),
                                 lambda r: r.CheckLicense(customer=name, product='products/cloud-app-security'),
                                 lambda r: r.UpdateCustomer(customer=dict(name=name, note=f'note {calls}'))):
                        began = time.monotonic()
                        call(Rpc(other))
                        longest, calls = max(longest, time.monotonic() - began), calls + 1
                self.assertFalse(any(c.done() for c in lists), 'they wait')
            finally:
                session.kill()
                session.communicate()
            for call in lists:
                self.assertIsNone(call.exception(60))
        print(f'{calls} calls beside {LISTS} lists that waited, at most {longest * 1000:.0f} ms')
        self.assertGreater(calls, 10)
        self.assertLess(longest, LONGEST)

    def test_who_gives_one_up_frees_its_place(self):
        rpc = Rpc(self.client)
        list_keys, request = rpc.method('ListRegistrationKeys')
        session = self.table_locked('registration_keys')
        try:
            lists = [list_keys.future(request(), timeout=1) for _ in range(LISTS)]
            codes = {c.exception(10).code() for c in lists}
        finally:
            session.kill()
            session.communicate()
        self.assertEqual(codes, {grpc.StatusCode.DEADLINE_EXCEEDED})
        began = time.monotonic()
        list_keys(request(), timeout=20)
        self.assertLess(time.monotonic() - began, LONGEST)


if __name__ == '__main__':
    unittest.main()
