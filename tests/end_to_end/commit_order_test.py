"""What is told of a customer is in the order in which it was stored, whichever of its rows was changed, and at
whichever server: who was answered before another began comes first. A list about all customers that looks for one
resource tells the same of it."""

import itertools
import random
import threading
import time
import unittest

from lmp_server import create_customer, in_parallel, new_request_id, wait_until
from two_servers import TwoServersTestCase
from watching import take, watch

CALLERS, CALLS, OTHERS = 6, 20, 4


class CommitOrderTest(TwoServersTestCase, unittest.TestCase):

    def setUp(self):
        subscription = self.subscription('in-order')
        self.customer, self.plan_of = 'customers/in-order', subscription.name
        self.license = subscription.licenses[0].name
        self.await_history()
        self.stream = watch(self.client, customer=self.customer)
        self.addCleanup(self.stream.cancel)
        self.start = int(next(self.stream).resume_token.split('-')[0])
        self.calls = []  # (request_id, when it began, when it was answered)

    def change(self, rpc, number, request_id):
        """One of its rows, in three tables in turn, to what it never was before."""
        if number % 3 == 0:
            rpc.UpdateCustomer(customer=dict(name=self.customer, note=f'note {number}'), request_id=request_id)
        elif number % 3 == 1:
            rpc.UpdateSubscription(subscription=dict(name=self.plan_of, expiration_notice_days=number),
                                   update_mask=dict(paths=['expiration_notice_days']), request_id=request_id)
        else:
            rpc.ReportUsage(name=self.license, used_units=number, request_id=request_id)

    def play(self, caller):
        chance = random.Random(caller)
        for i in range(CALLS):
            request_id, began = new_request_id(), time.monotonic()
            self.change(chance.choice((self.rpc, self.other)), 1 + caller + CALLERS * i, request_id)
            self.calls.append((request_id, began, time.monotonic()))
            time.sleep(chance.uniform(0, 0.01))

    def disturb(self, customer, stop):
        """Rows of others come in between."""
        for number in itertools.count():
            if stop.is_set():
                return
            rpc = (self.rpc, self.other)[number % 2]
            rpc.UpdateCustomer(customer=dict(name=customer, note=f'note {number}'))

    def play_all(self):
        stop = threading.Event()
        others = [threading.Thread(target=self.disturb, args=(create_customer(self.client, f'other-{i}'), stop))
                  for i in range(OTHERS)]
        for thread in others:
            thread.start()
        try:
            in_parallel(self.play, range(CALLERS), CALLERS)
        finally:
            stop.set()
            for thread in others:
                thread.join(30)
        self.await_history()

    def await_history(self):
        left = 'SELECT COUNT(*) FROM events WHERE sequence = 0'
        wait_until(lambda: self.database.sql(left) == [['0']], 10, 'all events have their place')

    def assert_order(self, events):
        self.assertEqual([e.sequence for e in events], sorted(e.sequence for e in events))
        places = {}
        for event in events:
            places.setdefault(event.request_id, event.sequence)
        self.assertEqual(len(self.calls), CALLERS * CALLS)
        before = 0
        for one, _, answered in self.calls:
            for other, began, _ in self.calls:
                if answered < began:
                    before += 1
                    self.assertLess(places[one], places[other])
        self.assertGreater(before, len(self.calls), 'many were one after the other')

    def test_the_events_of_a_customer_are_in_the_order_of_their_commits(self):
        self.play_all()
        listed = self.rpc.ListEvents(parent=self.customer, page_size=1000).events
        wanted = [e for e in listed if e.sequence > self.start]
        watched = take(self.stream, len(wanted))
        self.assertEqual(watched, wanted)
        self.assertEqual({e.change.resource for e in watched}, {self.customer, self.plan_of, self.license})
        self.assert_order(watched)
        for name in (self.customer, self.plan_of, self.license):
            found = self.other.ListEvents(parent='-', page_size=1000, filter=f'change.resource = "{name}"').events
            self.assertEqual(list(found), [e for e in listed if e.change.resource == name], 'of one, among all')


if __name__ == '__main__':
    unittest.main()
