"""Pools and time over gRPC, on two servers of one database that run no time worker: what has ended gives its units back
on that day, whoever looks, and what was shown is never undone. Days pass by moving all dates back."""

import datetime
import unittest

import lmp_server
from lmp_server import PARTNER, LmpServer, ServerTestCase, call_error, create_customer, in_parallel, to_date, today
from rpc import Rpc

CAS = 'products/cloud-app-security'
POOL = f'{PARTNER}/licensePools/cloud-app-security'
PLANS = {'cas-quarter': dict(initial_term_months=3, grace_period_days=0),
         'cas-month': dict(initial_term_months=1, auto_renewal=True, renewal_term_months=1)}


class PoolsAndTimeTest(ServerTestCase, unittest.TestCase):
    server_args = ['--time-worker', '0']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = f'mysql://root@localhost/lmp?socket={cls.server.socket}'
        cls.other = LmpServer(cls.directory / 'other', cls.server_args, database=['--mysql-url', url])
        cls.other.directory.mkdir()
        cls.other.start()
        cls.addClassCleanup(cls.other.kill)
        other_client = cls.other.client()
        cls.addClassCleanup(other_client.__exit__)
        other_client.__enter__().wait_healthy()
        cls.rpcs = [Rpc(cls.client), Rpc(other_client)]
        cls.rpc = cls.rpcs[0]
        for plan, fields in PLANS.items():
            cls.rpc.CreateServicePlan(service_plan_id=plan,
                                      service_plan=dict(display_name=plan, partner=PARTNER, product=CAS, **fields))
        cls.rpc.AddLicensePoolUnits(name=POOL, units=100)
        cls.number = 0

    def setUp(self):
        """Everybody's licenses are canceled, and the pool has 100 units."""
        for name in [s.name for s in self.rpc.ListSubscriptions(parent='customers/-', page_size=1000).subscriptions
                     if s.state in (s.ACTIVE, s.SUSPENDED)]:
            self.rpc.CancelSubscription(name=name)
        pool = self.rpc.GetLicensePool(name=POOL)
        self.assertEqual(pool.assigned_units, 0)
        if pool.minimum_units:
            self.rpc.UpdateLicensePool(license_pool=dict(name=POOL, minimum_units=0),
                                       update_mask=dict(paths=['minimum_units']))
        if pool.total_units > 100:
            self.server.sql("UPDATE license_pools SET total = 100")

    def days_pass(self, days):
        """As if all that is stored had been stored so many days earlier."""
        self.server.sql(f"""
            UPDATE licenses SET start_date = start_date - INTERVAL {days} DAY,
                anchor_date = anchor_date - INTERVAL {days} DAY,
                expiration_date = expiration_date - INTERVAL {days} DAY,
                grace_end_date = grace_end_date - INTERVAL {days} DAY,
                due_date = due_date - INTERVAL {days} DAY;
            UPDATE scheduled_changes SET effective_date = effective_date - INTERVAL {days} DAY;
            UPDATE subscriptions SET start_date = start_date - INTERVAL {days} DAY""")

    def customer(self):
        PoolsAndTimeTest.number += 1
        return create_customer(self.client, f'customer-{self.number}')

    def take(self, customer, units, plan='cas-quarter', rpc=None, **fields):
        return (rpc or self.rpc).AssignServicePlan(parent=customer, service_plan=f'servicePlans/{plan}',
                                                   units=[dict(product=CAS, units=units)], **fields).subscription

    def pools(self):
        """Assigned units, by each server's Get and List, and by a filter."""
        seen = set()
        for rpc in self.rpcs:
            pool = rpc.GetLicensePool(name=POOL)
            seen |= {pool.assigned_units, rpc.ListLicensePools(parent='partners/-').license_pools[0].assigned_units}
            for listed in (True, False):
                request = f'assigned_units {"=" if listed else "!="} {pool.assigned_units}'
                self.assertEqual(len(rpc.ListLicensePools(parent=PARTNER, filter=request).license_pools), listed)
        self.assertEqual(len(seen), 1, seen)
        return seen.pop()

    def last_day(self, subscription):
        return (lmp_server.from_date(subscription.licenses[0].expiration_date) - today()).days

    def test_what_has_ended_gives_its_units_back_on_that_day(self):
        first, second, third = self.customer(), self.customer(), self.customer()
        ended = self.take(first, 40)
        self.days_pass(self.last_day(ended) - 1)
        self.assertEqual(self.pools(), 40)
        self.assertEqual(call_error(self.take, second, 70).reason, 'POOL_EXHAUSTED')
        self.days_pass(1)
        self.assertEqual(self.pools(), 0)
        preview = self.rpc.AssignServicePlan(parent=second, service_plan='servicePlans/cas-quarter', validate_only=True,
                                             units=[dict(product=CAS, units=70)])
        [change] = [c for c in preview.changes if c.resource == POOL]
        self.assertEqual([(f.field, f.before, f.after) for f in change.fields], [('assigned_units', '', '70')])
        self.assertNotIn(first, ' '.join(c.resource for c in preview.changes))  # nobody else's
        self.take(second, 70, rpc=self.rpcs[1])
        self.assertEqual(call_error(self.take, third, 31).reason, 'POOL_EXHAUSTED')
        self.take(third, 30)
        self.assertEqual(self.pools(), 100)

    def test_a_change_that_was_shown_is_not_taken_back(self):
        first, second = self.customer(), self.customer()
        subscription = self.take(first, 20)
        self.rpc.UpdateSubscription(subscription=dict(name=subscription.name), units=[dict(product=CAS, units=80)],
                                    effective_date=to_date(today() + datetime.timedelta(days=5)))
        self.days_pass(5)
        self.assertEqual(self.rpc.GetSubscription(name=subscription.name).licenses[0].units, 80)
        self.assertEqual(self.pools(), 80)
        self.assertEqual(call_error(self.take, second, 80, rpc=self.rpcs[1]).reason, 'POOL_EXHAUSTED')
        self.take(second, 20, rpc=self.rpcs[1])
        self.assertEqual(self.pools(), 100)
        for rpc in self.rpcs:
            self.assertEqual(rpc.GetSubscription(name=subscription.name).licenses[0].units, 80)
            [change] = rpc.ListScheduledChanges(parent=subscription.name, show_all=True).scheduled_changes
            self.assertEqual(change.state, change.APPLIED)

    def test_every_way_to_draw_on_a_pool(self):
        units = dict(units=[dict(product=CAS, units=95)])
        key = self.rpc.CreateRegistrationKey(registration_key=dict(service_plan='servicePlans/cas-quarter',
                                                                   **units)).name
        draws = {
            'an update': lambda s: self.rpc.UpdateSubscription(subscription=dict(name=s.name), **units),
            'a crossgrade': lambda s: self.take(s.name[:s.name.index('/sub')], 95, plan='cas-annual',
                                                crossgrade=dict(mode='AUTOMATIC')),
            'a batch': lambda s: self.rpc.BatchUpdateSubscriptions(parent=s.name[:s.name.index('/sub')],
                                                                   subscriptions=[s.name],
                                                                   update=units),
            'a key': lambda s: self.rpc.RedeemRegistrationKey(name=key, customer=s.name[:s.name.index('/sub')],
                                                              crossgrade=dict(mode='AUTOMATIC')),
        }
        for name, draw in draws.items():
            with self.subTest(name):
                self.setUp()
                ending = self.take(self.customer(), 90)
                running = self.take(self.customer(), 5, plan='cas-month')
                self.days_pass(self.last_day(ending) - 1)
                self.assertEqual(call_error(draw, running).reason, 'POOL_EXHAUSTED')
                self.days_pass(1)
                self.assertEqual(self.pools(), 5)
                draw(running)
                self.assertEqual(self.pools(), 95)

    def test_the_refill_and_the_verbs_of_a_pool_are_about_what_is_left_today(self):
        ended = self.take(self.customer(), 90)
        self.days_pass(self.last_day(ended))
        shown = self.rpc.GetLicensePool(name=POOL)
        updated = self.rpcs[1].UpdateLicensePool(license_pool=dict(name=POOL, minimum_units=20, etag=shown.etag),
                                                 update_mask=dict(paths=['minimum_units']))
        self.assertEqual((updated.total_units, updated.assigned_units), (100, 0))  # 100 are left: no refill
        self.take(self.customer(), 81)
        self.assertEqual(self.rpc.GetLicensePool(name=POOL).total_units, 130)  # 19 were left

    def test_two_servers_at_midnight(self):
        """Ends and changes due, and both servers write: every unit is given once, and all see the same."""
        takers = [self.customer() for _ in range(20)]
        changing = [self.take(self.customer(), 1, plan='cas-month') for _ in range(20)]  # renew
        ending = [self.take(self.customer(), 2) for _ in range(20)]
        self.days_pass(self.last_day(ending[0]) - 2)
        for subscription in changing:
            self.rpc.UpdateSubscription(subscription=dict(name=subscription.name), units=[dict(product=CAS, units=3)],
                                        effective_date=to_date(today() + datetime.timedelta(days=1)))
        self.days_pass(1)
        self.assertEqual(self.pools(), 100)
        self.days_pass(1)
        self.assertEqual(self.pools(), 60)
        in_parallel(lambda i: self.take(takers[i], 2, rpc=self.rpcs[i % 2]), range(20), threads=10)
        self.assertEqual(self.pools(), 100)
        self.assertEqual(call_error(self.take, self.customer(), 1, rpc=self.rpcs[1]).reason, 'POOL_EXHAUSTED')
        for subscription in changing:
            [change] = self.rpcs[1].ListScheduledChanges(parent=subscription.name, show_all=True).scheduled_changes
            self.assertEqual(change.state, change.APPLIED)


if __name__ == '__main__':
    unittest.main()
