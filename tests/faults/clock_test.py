"""A server whose clock is days off from the database's is not ready and does nothing by itself."""

import time
import unittest

import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import NOT_SERVING, SERVING, assign_request, create_customer

DAYS = 8
WRONG = 'the clock of this machine and that of the database disagree: the server is not ready, and its workers wait'


class ClockTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def wrong_clock(self):
        """Of the database's sessions, but for root's."""
        earlier = f'SET timestamp = UNIX_TIMESTAMP() - {DAYS * 86400}'
        return self.database.reconnected(f"SET GLOBAL init_connect = '{earlier}'", "SET GLOBAL init_connect = ''")

    def lines(self, server, message):
        return [e for e in server.log_entries() if e['message'] == message]

    def test_a_clock_that_becomes_wrong_ends_readiness_until_it_is_right(self):
        with self.wrong_clock():
            self.client.wait_healthy(status=NOT_SERVING, timeout=15)
            self.assertEqual(self.client.health_status('liveness'), SERVING)
            line = lmp_server.wait_until(lambda: self.lines(self.server, WRONG), 5, 'it says why')[0]
            self.assertEqual(line['severity'], 'ERROR')
            self.assertAlmostEqual(line['ahead_seconds'], DAYS * 86400, delta=60)
        self.client.wait_healthy(timeout=15)
        lmp_server.wait_until(lambda: self.lines(self.server, 'the clocks agree again'), 5, 'it says so')

    def test_a_server_that_starts_with_a_wrong_clock_ends_nobodys_licenses(self):
        customer = create_customer(self.client, 'due-today')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))
        expired = ("UPDATE licenses SET due_date = '2020-01-01', start_date = '2019-01-01', "
                   "expiration_date = '2019-12-31', grace_end_date = '2019-12-31' WHERE customer_id = 'due-today'")
        closed = "SELECT closed FROM licenses WHERE customer_id = 'due-today'"
        with self.wrong_clock():
            self.database.sql(expired)
            server = self.make_borrower('early', ('--time-worker', '1'))
            self.addCleanup(server.kill)
            server.start()
            with server.client() as client:
                client.wait_healthy('liveness', timeout=20)
                lmp_server.wait_until(lambda: self.lines(server, WRONG), 10, 'it says why')
                time.sleep(3)  # its worker would have been there thrice
                self.assertEqual(client.health_status(), NOT_SERVING)
                self.assertEqual(self.database.sql(closed), [['0']])
        lmp_server.wait_until(lambda: self.database.sql(closed) == [['1']], 20, 'the worker works again')


if __name__ == '__main__':
    unittest.main()
