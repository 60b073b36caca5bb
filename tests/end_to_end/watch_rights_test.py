"""Whether who watches still may: what a server's looks cost the caller, and what is told if nobody can be asked."""

import time
import unittest

import grpc

import lmp_server
from credentials import api_key, bearer
from database_faults import BorrowingServerTestCase
from lmp_server import (Error, ServerTestCase, call_with_retries, create_customer, customer_api, new_request_id,
                        wait_until)
from rpc import Rpc
from watching import Listener, watch

LOOK_AGAIN = 20  # seconds after which the server asks whether who watches still may
RARELY = 300  # seconds between checkpoints: there are only messages of events


def listen(test, client, key, checkpoint=RARELY, **fields):
    """A Listener that has its first message, so that the server has just looked; or that was refused."""
    stream = watch(client, 240, bearer(key), checkpoint_interval=dict(seconds=checkpoint), **fields)
    test.addCleanup(stream.cancel)
    reader = Listener(stream)
    wait_until(lambda: reader.messages or reader.error, 20, 'the stream has begun')
    return reader


def told_of(reader):
    """What changed."""
    return [event.change.resource for message in list(reader.messages) for event in message.events]


class LooksAreNoCallsTest(ServerTestCase, unittest.TestCase):
    RATE = 2  # calls a second, and twice as many at once
    server_args = ('--time-worker', '0', '--rate-limit', str(RATE))
    with_catalog = False  # it would take more calls than that

    def setUp(self):
        self.rpc = Rpc(self.client)
        self.key = api_key(self.server, '--role', 'SUPPORT')

    def open_streams(self, kind):
        """More of one caller than it may make calls at once."""
        readers = []
        while len(readers) <= 2 * self.RATE:
            reader = listen(self, self.client, self.key, event_kinds=[kind])
            if reader.error is None:
                readers.append(reader)
                continue
            self.assertEqual(reader.error.reason, 'RATE_LIMITED', reader.error)
            time.sleep(1 / self.RATE)
        return readers

    def assert_told(self, readers, resource):
        wait_until(lambda: all(r.error or told_of(r) for r in readers), 20, 'all are told, or ended')
        self.assertEqual([r.error for r in readers], [None] * len(readers))
        self.assertEqual([told_of(r) for r in readers], [[resource]] * len(readers))

    def call(self):
        """The reason why the caller may not now."""
        try:
            self.rpc.ListPartners(metadata=bearer(self.key))
        except grpc.RpcError as error:
            return Error(error).reason
        return ''

    def test_looks_take_no_calls_from_their_caller_and_need_none(self):
        created, updated = self.open_streams('PARTNER_CREATED'), self.open_streams('PARTNER_UPDATED')
        time.sleep(LOOK_AGAIN + 1)
        # A message to each stream at the same time, and a look before it.
        partner = self.rpc.CreatePartner(partner=dict(display_name='New', tier='DISTRIBUTOR')).name
        self.assert_told(created, partner)
        reasons = [self.call() for _ in range(2 * self.RATE)]
        self.assertEqual(set(reasons), {''}, 'the calls that a caller has after a pause are all left')
        wait_until(lambda: self.call() == 'RATE_LIMITED', 20, 'none is left')
        self.rpc.UpdatePartner(partner=dict(name=partner, display_name='Renamed'))
        self.assert_told(updated, partner)


class NobodyCanBeAskedTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0', '--max-queue', '1')

    def setUp(self):
        self.rpc = Rpc(self.client)
        self.customer = create_customer(self.client, f'watched-{new_request_id()[:8]}')
        self.key = self.rpc.CreateApiKey(parent=lmp_server.PARTNER, api_key=dict(roles=['SUPPORT']))
        self.database.lender.await_history()
        self.logged = len(self.server.log_entries())

    def change(self, city):
        call_with_retries(self.client.customers.UpdateCustomer, customer_api.UpdateCustomerRequest(
            customer=dict(name=self.customer, city=city), request_id=new_request_id()))

    def await_unanswered(self, reason='DATABASE_UNAVAILABLE'):
        """The log says that nobody could be asked."""
        wait_until(lambda: any(e['message'] == 'who watches could not be looked up again' and
                               e['method'].endswith('/WatchEvents') and e['reason'] == reason
                               for e in self.server.log_entries()[self.logged:]),
                   10, 'the line of a look that failed')

    def assert_ends(self, reader, told):
        """As that of a revoked key does, and without a further event."""
        reader.join(30)
        self.assertIsNotNone(reader.error, 'it goes on')
        self.assertEqual((reader.error.code, reader.error.reason),
                         (grpc.StatusCode.UNAUTHENTICATED, 'UNAUTHENTICATED_INVALID'), reader.error)
        self.assertEqual(len(told_of(reader)), told)

    def test_a_key_that_can_not_be_looked_up_is_told_of_events_until_it_can(self):
        reader = listen(self, self.client, self.key.secret, customer=self.customer)
        time.sleep(LOOK_AGAIN + 1)
        with self.database.altered('RENAME TABLE api_keys TO hidden', 'RENAME TABLE hidden TO api_keys'):
            for count in (1, 2):
                self.change(f'City {count}')
                wait_until(lambda: len(told_of(reader)) == count or reader.error, 20, 'it is told, or ended')
                self.assertIsNone(reader.error)
            self.await_unanswered()
        self.rpc.RevokeApiKey(name=self.key.name)
        self.change('Secret')
        self.assert_ends(reader, told=2)

    def test_where_too_many_keys_are_looked_up_it_is_asked_when_there_are_fewer(self):
        reader = listen(self, self.client, self.key.secret, customer=self.customer)
        others = [self.rpc.CreateApiKey(parent=lmp_server.PARTNER, api_key=dict(roles=['SUPPORT'])) for _ in range(9)]
        time.sleep(LOOK_AGAIN + 1)
        # Each lookup takes some seconds.
        with self.database.altered('RENAME TABLE api_keys TO hidden; '
                                   'CREATE VIEW api_keys AS SELECT * FROM hidden WHERE SLEEP(4) = 0',
                                   'DROP VIEW api_keys; RENAME TABLE hidden TO api_keys'):
            call, request = self.rpc.method('ListPartners')
            calls = [call.future(request(), timeout=30, metadata=bearer(other.secret)) for other in others]
            wait_until(lambda: any(one.done() for one in calls), 4, 'the first key that is one too many')
            time.sleep(1.1)  # one line a second of a peer is logged
            self.change('City 1')
            wait_until(lambda: told_of(reader) or reader.error, 20, 'it is told, or ended')
            self.assertIsNone(reader.error)
            self.await_unanswered('OVERLOADED')
        self.rpc.RevokeApiKey(name=self.key.name)
        self.change('Secret')
        self.assert_ends(reader, told=1)

    def test_a_database_that_was_away_is_asked_when_it_is_back(self):
        # So that there is a message while it is away: no event can be. Each of these needs a look.
        reader = listen(self, self.client, self.key.secret, LOOK_AGAIN + 5, customer=self.customer)
        self.rpc.RevokeApiKey(name=self.key.name)
        with self.database.gone():
            wait_until(lambda: len(reader.messages) > 1 or reader.error, LOOK_AGAIN + 30, 'a checkpoint, or the end')
            self.assertIsNone(reader.error)
            self.await_unanswered()
        self.change('Secret')
        self.assert_ends(reader, told=0)


if __name__ == '__main__':
    unittest.main()
