"""Another program has a pool, a partner, a product or a plan locked: whoever needs it waits within its own deadline,
and nobody else does, on any server."""

import contextlib
import itertools
import time
import unittest

import grpc

import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import Error, assign_request, create_customer, new_customer, new_request_id
from locked_customer_test import Writers
from rpc import Rpc

LOCKED = 15  # seconds
# Seconds that a call of somebody else may take on a busy machine, which adds to the second or two that it may wait in a
# batch with a newcomer: less than the lock is held. How much it is usually, the bench says (B16).
LONGEST = 10
POOLED, FREE = 'hosted-email-security', 'cloud-app-security'  # products of two pools; the first one's is locked
PARTNER = 'partners/acme-msp'


class LockedRowsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.start_another()
        cls.rpc = Rpc(cls.client)
        cls.numbers = itertools.count()
        for product in POOLED, FREE:
            cls.rpc.AddLicensePoolUnits(name=f'{PARTNER}/licensePools/{product}', units=10_000)

    def drawing_on_the_free_pool(self):
        name = create_customer(self.client, f'writer-{next(self.numbers)}')
        self.client.licensing.AssignServicePlan(assign_request(name, 'cas-annual', {FREE: 5}))
        return name

    def change_the_catalog(self):
        plan = self.rpc.GetServicePlan(name='servicePlans/cas-monthly')
        self.rpc.UpdateServicePlan(
            service_plan=dict(name=plan.name, grace_period_days=plan.grace_period_days % 60 + 1), timeout=20)

    def assert_only_those_wait(self, rows, waiting):
        """`waiting(client)` starts a call that needs the rows and has time; it gets what it wants in the end."""
        with contextlib.ExitStack() as stack:
            servers = self.server, self.other
            loads = [Writers(s, [self.drawing_on_the_free_pool() for _ in range(4)]) for s in servers]
            for load in loads:
                stack.callback(load.finish)
            lmp_server.wait_until(lambda: all(len(load.calls) > 20 for load in loads), 30, 'the load is under way')
            clients = [stack.enter_context(s.client()) for s in servers]
            with self.database.locked(rows):
                locked_at = time.monotonic()
                calls = []
                while time.monotonic() < locked_at + LOCKED:  # again and again somebody comes who needs it
                    calls += [waiting(client) for client in clients]
                    time.sleep(LOCKED / 8)
                self.assertFalse(any(c.done() for c in calls), [c.exception() for c in calls if c.done()])
                self.change_the_catalog()
                meanwhile = [t for load in loads for t in load.since(locked_at)]
            for call in calls:
                call.result(60)
        print(f'{rows}: {len(meanwhile)} calls beside {len(calls)} that waited, at most {max(meanwhile) * 1000:.0f} ms')
        self.assertEqual([f for load in loads for f in load.failures], [])
        self.assertGreater(len(meanwhile), 100)
        self.assertLess(max(meanwhile), LONGEST)

    def assign(self, plan, product):
        def start(client):
            name = create_customer(self.client, f'late-{next(self.numbers)}')
            request = assign_request(name, plan, {product: 5}, request_id=new_request_id())
            return client.licensing.AssignServicePlan.future(request, timeout=50)
        return start

    def test_a_pool(self):
        self.assert_only_those_wait(f"license_pools WHERE product_id = '{POOLED}'", self.assign('hes-annual', POOLED))

    def test_a_plan(self):
        self.assert_only_those_wait("service_plans WHERE service_plan_id = 'hes-annual'",
                                    self.assign('hes-annual', POOLED))

    def test_a_partner(self):
        def create(client):
            call, request = Rpc(client).method('CreateCustomer')
            customer = new_customer()
            return call.future(request(customer_id=f'late-{next(self.numbers)}', customer=customer,
                                       request_id=new_request_id()), timeout=50)
        self.assert_only_those_wait("partners WHERE partner_id = 'acme-msp'", create)

    def test_who_has_little_time_is_told_why(self):
        start = self.assign('hes-annual', POOLED)
        with self.database.locked(f"license_pools WHERE product_id = '{POOLED}'"):
            name = create_customer(self.client, f'hasty-{next(self.numbers)}')
            began = time.monotonic()
            with self.assertRaises(grpc.RpcError) as raised:
                self.client.licensing.AssignServicePlan(assign_request(name, 'hes-annual', {POOLED: 5}), timeout=2)
            self.assertLess(time.monotonic() - began, LONGEST)
            patient = start(self.client)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        if raised.exception.trailing_metadata():  # else its client was the first to say so
            self.assertEqual(Error(raised.exception).reason, 'DEADLINE_PASSED')
        patient.result(30)


if __name__ == '__main__':
    unittest.main()
