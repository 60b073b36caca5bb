"""What time does to a license is told by events: that its notice begins, that it has expired, that it has ended, each
once, with its exact day, in order. And that a license becomes over-allocated is told by the event that brings it about.

Two servers of one database; days pass by moving all dates back. A time worker runs in one test only."""

import datetime
import unittest

from lmp_server import PARTNER, call_error, from_date, in_parallel, new_request_id, to_date, today, wait_until
from rpc import broken_promises
from two_servers import CAS, TwoServersTestCase
from watching import take, watch

DAY = datetime.timedelta(days=1)
NOTICE, EXPIRED, ENDED = 'LICENSE_EXPIRING_SOON', 'LICENSE_EXPIRED', 'LICENSE_ENDED'


class AnnouncementsTest(TwoServersTestCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc.CreateServicePlan(service_plan_id='quarter', service_plan=dict(
            display_name='quarter', partner=PARTNER, product=CAS, initial_term_months=3, expiration_notice_days=10,
            grace_period_days=20))
        cls.rpc.CreateServicePlan(service_plan_id='no-grace', service_plan=dict(
            display_name='no grace', partner=PARTNER, product=CAS, initial_term_months=3, expiration_notice_days=10,
            grace_period_days=0))

    def days_pass(self, subscription, days):
        """As if all of the customer had been stored so many days earlier."""
        columns = ', '.join(f'{c} = {c} - INTERVAL {days} DAY' for c in (
            'start_date', 'expiration_date', 'grace_end_date', 'anchor_date', 'due_date', 'suspend_date',
            'announced_date'))
        customer = subscription.name.split('/')[1]
        self.database.sql(f"UPDATE licenses SET {columns} WHERE customer_id = '{customer}'; "
                          f"UPDATE scheduled_changes SET effective_date = effective_date - INTERVAL {days} DAY "
                          f"WHERE customer_id = '{customer}'")

    def write(self, subscription, rpc=None):
        """Any command on the customer: time passes before it."""
        (rpc or self.rpc).UpdateCustomer(customer=dict(name=subscription.name.split('/subscriptions')[0], note='x'),
                                         update_mask=dict(paths=['note']))

    def told(self, subscription, since=0):
        """Events that time made of the customer's license."""
        events = self.rpc.ListEvents(parent=subscription.name.split('/subscriptions')[0], page_size=1000).events
        return [e for e in events if e.actor == 'system' and e.change.resource == subscription.licenses[0].name][since:]

    def fields(self, event, *names):
        return {f.field: (f.before, f.after) for f in event.change.fields if f.field in names}

    def state(self, event):
        return tuple(s.strip('"') for s in self.fields(event, 'state')['state'])

    def dates(self, subscription):
        """As they are now: of the notice, of the expiration, of the end."""
        license = self.rpc.GetSubscription(name=subscription.name).licenses[0]
        expiration = from_date(license.expiration_date)
        return expiration - 10 * DAY, expiration, from_date(license.grace_end_date)

    def test_in_one_jump_each_is_told_once_with_its_day_and_by_whichever_server_comes_first(self):
        subscription = self.subscription('one-jump', 'quarter')
        self.days_pass(subscription, 200)
        days = self.dates(subscription)
        reader = [self.rpc.ListEvents(parent='customers/one-jump', page_size=100) for _ in range(2)]
        for answer in reader:
            for event in answer.events:
                event.ClearField('sequence')  # the sequencer gives it, meanwhile
        self.assertEqual(reader[0], reader[1], 'a reader stores nothing')
        in_parallel(lambda rpc: self.write(subscription, rpc), (self.rpc, self.other) * 4, threads=8)
        events = self.told(subscription)
        self.assertEqual([(e.change.event_kind, from_date(e.effective_date)) for e in events],
                         list(zip((NOTICE, EXPIRED, ENDED), days)))
        self.assertEqual([self.state(e) for e in events], [('ACTIVE', 'EXPIRING_SOON'), ('EXPIRING_SOON', 'GRACE'),
                                                           ('GRACE', 'EXPIRED')])
        self.assertEqual([[f.field for f in e.change.fields] for e in events[:2]], [['state'], ['state']])

    def test_day_by_day_it_is_the_same(self):
        subscription = self.subscription('day-by-day', 'quarter')
        notice = (self.dates(subscription)[0] - today()).days
        self.days_pass(subscription, notice - 1)
        seen = []
        for _ in range(33):
            self.write(subscription)
            new = self.told(subscription, len(seen))
            self.assertLessEqual(len(new), 1)
            for event in new:
                self.assertEqual(from_date(event.effective_date), today(), 'on its day')
            seen += new
            self.days_pass(subscription, 1)
        self.assertEqual([(e.change.event_kind, self.state(e)) for e in seen],
                         [(NOTICE, ('ACTIVE', 'EXPIRING_SOON')), (EXPIRED, ('EXPIRING_SOON', 'GRACE')),
                          (ENDED, ('GRACE', 'EXPIRED'))])

    def test_without_grace_it_ends_at_once(self):
        subscription = self.subscription('no-grace', 'no-grace')
        self.days_pass(subscription, 200)
        days = self.dates(subscription)
        self.write(subscription)
        self.assertEqual([(e.change.event_kind, from_date(e.effective_date), self.state(e))
                          for e in self.told(subscription)],
                         [(NOTICE, days[0], ('ACTIVE', 'EXPIRING_SOON')),
                          (ENDED, days[2], ('EXPIRING_SOON', 'EXPIRED'))])

    def test_the_time_worker_tells_and_who_watches_gets_each_once(self):
        subscription = self.subscription('watched', 'quarter')
        self.days_pass(subscription, 200)
        worker = self.make_borrower('worker', ('--time-worker', '1'))
        self.addCleanup(worker.kill)
        worker.start()
        wait_until(lambda: len(self.told(subscription)) == 3, 30, 'the worker has been there')
        count = len(self.rpc.ListEvents(parent='customers/watched', page_size=100).events)
        stream = watch(self.client, customer='customers/watched', resume_token='earliest')
        watched = [e for e in take(stream, count) if e.HasField('effective_date')]
        stream.cancel()
        self.assertEqual([(e.change.event_kind, len(e.change.fields) > 0) for e in watched],
                         [(NOTICE, True), (EXPIRED, True), (ENDED, True)])
        self.assertEqual(worker.stop(), 0)

    def test_auto_renewal_within_the_notice_turns_it_off_and_on_again(self):
        subscription = self.subscription('toggle', 'quarter')
        self.days_pass(subscription, (self.dates(subscription)[0] - today()).days + 2)
        self.write(subscription)
        license = subscription.licenses[0].name

        def renew(on):
            request_id = new_request_id()
            self.rpc.UpdateSubscription(subscription=dict(name=subscription.name, auto_renewal=on),
                                        update_mask=dict(paths=['auto_renewal']), request_id=request_id)
            [event] = [e for e in self.rpc.ListEvents(parent='customers/toggle', page_size=100).events
                       if e.request_id == request_id and e.change.resource == license]
            self.assertEqual((event.change.event_kind, event.HasField('effective_date')),
                             ('SUBSCRIPTION_UPDATED', False))
            return self.state(event)

        self.assertEqual([e.change.event_kind for e in self.told(subscription)], [NOTICE])
        self.assertEqual(renew(True), ('EXPIRING_SOON', 'ACTIVE'))
        self.assertEqual(renew(False), ('ACTIVE', 'EXPIRING_SOON'))
        self.days_pass(subscription, 10)
        self.write(subscription)
        self.assertEqual([e.change.event_kind for e in self.told(subscription)], [NOTICE, EXPIRED])

    def test_an_etag_read_on_the_day_holds_and_one_of_before_does_not(self):
        subscription = self.subscription('etag', 'quarter')
        before = self.rpc.GetLicense(name=subscription.licenses[0].name)
        self.days_pass(subscription, (self.dates(subscription)[0] - today()).days)
        self.assertEqual(call_error(self.rpc.ReportUsage, name=before.name, used_units=1, etag=before.etag).reason,
                         'ETAG_MISMATCH')
        read = self.rpc.GetLicense(name=before.name)
        self.assertNotEqual(read.etag, before.etag)
        self.rpc.ReportUsage(name=before.name, used_units=1, etag=read.etag)
        self.assertEqual([e.change.event_kind for e in self.told(subscription)], [NOTICE])

    def test_what_was_told_can_not_be_taken_back(self):
        subscription = self.subscription('revert', 'quarter')
        self.days_pass(subscription, (self.dates(subscription)[0] - today()).days)
        self.write(subscription)
        [notice] = self.told(subscription)
        error = call_error(self.rpc.RevertChange, name=notice.name)
        self.assertEqual((error.reason, broken_promises(error)), ('NOT_REVERTIBLE', []))

    # --- over-allocation: of a license alone, and only by what somebody does ---

    def over(self, customer):
        """Of each event that changed it: its kind, whether it came with a day, before and after."""
        events = self.rpc.ListEvents(parent=customer, page_size=1000).events
        return [(e.change.event_kind, e.HasField('effective_date'), *self.fields(e, 'over_allocated')['over_allocated'])
                for e in events if self.fields(e, 'over_allocated')]

    def test_over_allocation_is_told_by_what_brings_it_about(self):
        subscription = self.subscription('over', 'quarter')
        license = subscription.licenses[0].name
        self.rpc.ReportUsage(name=license, used_units=10)
        self.rpc.ReportUsage(name=license, used_units=12)
        self.rpc.ReportUsage(name=license, used_units=13)
        self.rpc.UpdateSubscription(subscription=dict(name=subscription.name), units=[dict(product=CAS, units=20)])
        self.rpc.UpdateSubscription(subscription=dict(name=subscription.name), units=[dict(product=CAS, units=11)],
                                    effective_date=to_date(today() + 5 * DAY))
        self.days_pass(subscription, 6)
        self.write(subscription)
        self.assertEqual(self.over('customers/over'),
                         [('USAGE_REPORTED', False, '', 'true'), ('SUBSCRIPTION_UPDATED', False, 'true', ''),
                          ('SCHEDULED_CHANGE_APPLIED', True, '', 'true')])


if __name__ == '__main__':
    unittest.main()
