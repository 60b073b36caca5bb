"""The database dies or hangs under load; the server stays, says so, and recovers by itself."""

import os
import signal
import time
import unittest

import grpc

import lmp_server
from lmp_server import (NOT_SERVING, SERVING, AssignLoad, ServerTestCase, assign_request, call_error, call_with_retries,
                        create_customer, new_request_id)

RECOVERY = 5  # seconds at most after the database is back
SLOW_IS_AWAY = 15  # seconds at most until a database that does not answer counts as away
CAS = {'cloud-app-security': 5}


class KillDatabaseTest(ServerTestCase, unittest.TestCase):

    def test_a_killed_database_is_started_again_and_nothing_is_lost_or_doubled(self):
        load = AssignLoad(self.server, threads=8)
        for _ in range(3):
            load.wait_for_more(100)
            restarts = self.restarts()
            killed = self.server.database_pid()
            os.kill(killed, signal.SIGKILL)
            lmp_server.wait_until(lambda: self.restarts() > restarts, 20, 'the server starts its database again')
            load.wait_for_more(1, RECOVERY)
            self.assertNotEqual(self.server.database_pid(), killed)
        load.wait_for_more(100)
        load.finish()
        self.client.wait_healthy(timeout=RECOVERY)
        self.assertGreaterEqual(load.done, 400)
        load.verify(self.client)
        self.assertIsNone(self.server.process.poll(), 'the server itself was never started again')
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()

    def restarts(self):
        return sum(e['message'] == 'the embedded database had ended and was started again'
                   for e in self.server.log_entries())


class HungDatabaseTest(ServerTestCase, unittest.TestCase):

    def test_a_hung_database_costs_calls_their_deadline_and_readiness_but_not_liveness(self):
        customer = create_customer(self.client, 'patient')
        request = assign_request(customer, 'cas-annual', CAS, request_id=new_request_id())
        pid = self.server.database_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            stopped = time.monotonic()
            error = call_error(self.client.licensing.AssignServicePlan, request, timeout=1)
            took = time.monotonic() - stopped
            self.assertEqual(error.code, grpc.StatusCode.DEADLINE_EXCEEDED, error)
            self.assertLess(took, 2)
            self.assertEqual(self.client.health_status('liveness'), SERVING)
            self.client.wait_healthy(status=NOT_SERVING, timeout=SLOW_IS_AWAY)
            self.client.wait_healthy('lmp.v1.LicensingService', NOT_SERVING, timeout=1)
            self.assertEqual(self.client.health_status('liveness'), SERVING)
            time.sleep(max(0, stopped + 3 - time.monotonic()))  # the fault itself lasts this long
        finally:
            os.kill(pid, signal.SIGCONT)
        self.client.wait_healthy(timeout=RECOVERY)
        retried = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        answer = call_with_retries(self.client.licensing.AssignServicePlan, request, 5, RECOVERY, retried)
        self.assertEqual(self.server.sql('SELECT COUNT(*) FROM subscriptions'), [['1']],
                         'the retry found or made the only one')
        self.assertTrue(answer.subscription.name)
        self.assertEqual(self.server.database_pid(), pid, 'hung is not dead')
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()


if __name__ == '__main__':
    unittest.main()
