"""What is more than a message holds comes in several: gRPC clients accept 4 MiB unless told otherwise."""

import unittest

from lmp_server import ServerTestCase, create_customer, customer_api, new_request_id
from sql_numbers import numbers
from rpc import Rpc
from watching import take, watch

EVENTS = 9000
MOST = 4 << 20
# One transaction, as a server's own are: its events have one time. Only their revisions differ.
MANY = f'''
INSERT INTO events (event_time, actor, reason, request_id, kind, effective_date, row_table, key1, key2, revision,
                    before_image, after_image, partner_id)
  SELECT UTC_TIMESTAMP(6), actor, REPEAT('a', 500), request_id, kind, effective_date, row_table, key1, key2,
         revision + n, before_image, after_image, partner_id
    FROM events JOIN {numbers(EVENTS)} WHERE row_table = 'customers' AND key1 = 'large' AND kind = 'CUSTOMER_UPDATED'
   ORDER BY n'''


class LargeTransactionTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def test_it_comes_in_parts_each_with_its_token(self):
        customer = create_customer(self.client, 'large')
        self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(
            customer=dict(name=customer, city='Graz'), request_id=new_request_id()))
        self.await_history()
        live = watch(self.client)
        self.addCleanup(live.cancel)
        head = next(live)
        self.server.sql(MANY)
        later = watch(self.client, resume_token=head.resume_token)
        self.addCleanup(later.cancel)
        told = [self.parts(live), self.parts(later)]
        self.assertEqual(*[[e.sequence for m in messages for e in m.events] for messages in told])
        for messages in told:
            events = [e for m in messages for e in m.events]
            first = Rpc(self.client).GetHistoryHead().sequence - EVENTS + 1
            self.assertEqual([e.sequence for e in events], list(range(first, first + EVENTS)))
            self.assertGreater(len(messages), 2)
            self.assertLess(max(m.ByteSize() for m in messages), MOST)
        middle = watch(self.client, resume_token=told[0][0].resume_token)
        self.addCleanup(middle.cancel)
        self.assertEqual(take(middle, 1)[0], told[0][1].events[0], 'nothing twice, nothing left out')

    def parts(self, stream):
        """The messages of all events."""
        messages, events = [], 0
        for message in stream:
            if message.events:
                messages.append(message)
                events += len(message.events)
            if events >= EVENTS:
                return messages
        raise AssertionError(f'the stream ended after {events} events')


if __name__ == '__main__':
    unittest.main()
