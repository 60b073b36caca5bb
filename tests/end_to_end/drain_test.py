"""SIGTERM under load: not one call fails for a client that retries UNAVAILABLE, and the end is soon and clean."""

import threading
import time
import unittest

import grpc

import health_pb2
import lmp_server
from lmp_server import (ServerTestCase, assign_request, call_with_retries, create_customer, licensing_api,
                        new_request_id)

CAS = 'cloud-app-security'


class DrainTest(ServerTestCase, unittest.TestCase):
    THREADS = 8
    server_args = ('--drain-timeout', '10')

    def test_no_call_fails_across_stops_and_restarts(self):
        customers = [create_customer(self.client, f'worker-{i}') for i in range(self.THREADS)]
        stop = threading.Event()
        failures, done = [], [0] * self.THREADS

        def work(i):
            with self.server.client() as client:
                try:
                    while not stop.is_set():
                        self.one_round(client, customers[i], done[i])
                        done[i] += 1
                except (grpc.RpcError, AssertionError) as e:
                    failures.append(e)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(self.THREADS)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                self.wait_for_progress(done, failures)
                began = time.monotonic()
                self.assertEqual(self.server.stop(), 0)
                self.assertLess(time.monotonic() - began, 10, 'the calls under way are short: so is the drain')
                self.server.start()
            self.wait_for_progress(done, failures)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        for customer, rounds in zip(customers, done):
            subscriptions = licensing_api.ListSubscriptionsRequest(parent=customer, page_size=1000)
            self.assertEqual(len(self.client.licensing.ListSubscriptions(subscriptions).subscriptions), rounds)
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()

    def one_round(self, client, customer, n):
        crossgrade = licensing_api.Crossgrade(mode='AUTOMATIC')
        request = assign_request(customer, 'cas-annual', {CAS: n + 1}, crossgrade=crossgrade,
                                 request_id=new_request_id())
        assigned = call_with_retries(client.licensing.AssignServicePlan, request)
        check = call_with_retries(client.licensing.CheckLicense,
                                  licensing_api.CheckLicenseRequest(customer=customer, product=f'products/{CAS}'))
        if check.units != n + 1 or check.license != assigned.subscription.licenses[0].name:
            raise AssertionError(f'round {n}: {assigned} but {check}')

    def wait_for_progress(self, done, failures):
        """Until each thread has done some rounds more, or one has failed."""
        before = list(done)
        lmp_server.wait_until(lambda: failures or all(now >= then + 3 for now, then in zip(done, before)), 60,
                              'progress')


class OrderlyEndTest(ServerTestCase, unittest.TestCase):
    server_args = ('--drain-delay', '1')

    def test_readiness_goes_first_and_idle_clients_do_not_delay_the_end(self):
        idle = [self.server.client() for _ in range(3)]
        for client in idle:
            self.addCleanup(client.channel.close)
            self.assertEqual(client.health_status(), lmp_server.SERVING)
        watch = self.client.health.Watch(health_pb2.HealthCheckRequest(service='lmp.v1.LicensingService'), timeout=60)
        self.assertEqual(next(watch).status, lmp_server.SERVING)
        began = time.monotonic()
        self.server.terminate()
        self.assertEqual(next(watch).status, lmp_server.NOT_SERVING)
        # In the drain delay calls are served still: load balancers may not have noticed yet.
        self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent='customers/-'), timeout=5)
        self.assertEqual(self.server.process.wait(lmp_server.STOP_TIMEOUT), 0)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual([e['message'] for e in self.server.log_entries() if e['message'] != 'call'],
                         ['serving', 'draining', 'stopped'])


if __name__ == '__main__':
    unittest.main()
