"""Streams that begin with what there is: a mirror that is built from one fits what follows, value by value."""

import json
import threading
import unittest

import lmp_server
from credentials import api_key, bearer
from lmp.v1 import watch_pb2
from lmp.v1.watch_licenses_pb2 import WatchLicensesRequest
from lmp_server import (PARTNER, ServerTestCase, assign_request, call_error, create_customer, customer_api,
                        new_request_id)
from rpc import Rpc
from watching import watch

BEGIN, RESOURCES, COMPLETE = (watch_pb2.SNAPSHOT_BEGIN, watch_pb2.SNAPSHOT_RESOURCES, watch_pb2.SNAPSHOT_COMPLETE)


class Mirror:
    """Resources by name, from a stream: {field: JSON}. What an event says was before must be what is here."""

    def __init__(self):
        self.resources = {}
        self.complete = False
        self.token = ''
        self.wrong = []
        self.parts = []

    def take(self, message):
        if message.snapshot == BEGIN:
            self.__init__()
        for event in message.events:
            change = event.change
            known = self.resources.setdefault(change.resource, None if message.snapshot != RESOURCES else {})
            if message.snapshot == RESOURCES or change.created:
                self.resources[change.resource] = {f.field: f.after for f in change.fields}
            elif known is not None:
                for field in change.fields:
                    if field.field != 'state' and known.get(field.field, '') != field.before:
                        self.wrong.append((change.resource, field.field, known.get(field.field), field.before))
                    known[field.field] = field.after
            else:
                del self.resources[change.resource]  # it is yet to be shown
        if message.snapshot:
            self.parts.append(message.snapshot)
        self.complete = self.complete or message.snapshot == COMPLETE
        self.token = message.resume_token


class SnapshotTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.customers = [create_customer(cls.client, f'mirrored-{i:03}') for i in range(120)]
        for customer in cls.customers[:20]:
            cls.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))

    def change(self, customer, city):
        self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(
            customer=dict(name=customer, city=city), request_id=new_request_id()))

    def mirror(self, stream, until=None):
        """Until the snapshot is complete and, if given, an event changes a field to this."""
        mirror = Mirror()
        for message in stream:
            mirror.take(message)
            seen = until is None or any(f.after == json.dumps(until) for e in message.events for f in e.change.fields)
            if mirror.complete and seen:
                return mirror
        raise AssertionError('the stream ended')

    def test_what_is_shown_fits_what_changes_meanwhile(self):
        writing = threading.Event()

        def write():
            number = 0
            while not writing.is_set():
                for customer in self.customers[::7]:
                    self.change(customer, f'City {number}')
                    number += 1

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        mirrors, streams = [], []
        try:
            for _ in range(5):
                streams.append(watch(self.client, snapshot=True))
                mirrors.append(self.mirror(streams[-1]))
        finally:
            writing.set()
            for writer in writers:
                writer.join()
        self.change(self.customers[0], 'The last city')
        for mirror, stream in zip(mirrors, streams):
            for message in stream:
                mirror.take(message)
                if 'The last city' in str(message):
                    break
            stream.cancel()
            self.assertEqual(mirror.wrong, [])
            self.assertEqual((mirror.parts[0], mirror.parts[-1]), (BEGIN, COMPLETE))
            self.assertGreater(mirror.parts.count(RESOURCES), 3, 'customers come in pages')
            for customer in self.customers:
                city = self.rpc.GetCustomer(name=customer).city
                self.assertEqual(json.loads(mirror.resources[customer]['city']), city, customer)
        names = {name.split('/')[-2] for name in mirrors[0].resources}
        self.assertLessEqual({'partners', 'products', 'servicePlans', 'customers', 'subscriptions', 'licenses'}, names)

    def test_a_license_that_is_renewed_is_shown_as_it_is(self):
        customer = self.customers[19]
        subscription = self.rpc.ListSubscriptions(parent=customer).subscriptions[0].name
        self.rpc.UpdateSubscription(subscription=dict(name=subscription, auto_renewal=True))
        self.server.sql("""UPDATE licenses SET start_date = UTC_DATE() - INTERVAL 25 DAY, anchor_date = start_date,
            expiration_date = UTC_DATE() + INTERVAL 3 DAY, grace_end_date = UTC_DATE() + INTERVAL 33 DAY,
            due_date = expiration_date WHERE customer_id = 'mirrored-019'""")
        license = self.rpc.ListLicenses(parent=customer).licenses[0]
        self.assertEqual(license.State.Name(license.state), 'ACTIVE', 'in its notice, and renewed by itself')
        shown = self.mirror(watch(self.client, snapshot=True)).resources[license.name]
        self.assertEqual(shown['state'], '"ACTIVE"')

    def test_a_stream_that_broke_before_it_was_complete_has_no_token(self):
        stream = watch(self.client, snapshot=True)
        for message in stream:
            self.assertEqual(message.resume_token == '', message.snapshot != COMPLETE, message)
            if message.snapshot == COMPLETE:
                break
        stream.cancel()
        again = watch(self.client, snapshot=True, resume_token=message.resume_token)
        self.assertEqual((next(again).snapshot, next(again).snapshot), (0, 0), 'who goes on needs none')
        again.cancel()

    def test_what_is_wrong_is_said(self):
        for fields, field in ((dict(resume_token='now'), 'resume_token'), (dict(event_kinds=['X']), 'event_kinds'),
                              (dict(start_time=dict(seconds=1)), 'start_time')):
            error = call_error(self.rpc.WatchEvents, snapshot=True, **fields)
            self.assertEqual((error.reason, list(error.fields)), ('INVALID_FIELDS', [field]), error)
        for fields, field in ((dict(resume_token='now'), 'resume_token'), (dict(customer='x'), 'customer'),
                              (dict(checkpoint_interval=dict(seconds=301)), 'checkpoint_interval')):
            error = call_error(self.rpc.WatchLicenses, **fields)
            self.assertEqual((error.reason, list(error.fields)), ('INVALID_FIELDS', [field]), error)
        error = call_error(self.rpc.WatchLicenses, customer='customers/nobody')
        self.assertEqual(error.reason, 'CUSTOMER_NOT_FOUND')

    def facts(self, key=None, **fields):
        """All of a snapshot, as (kind, name)."""
        stream = self.client.licensing.WatchLicenses(WatchLicensesRequest(**fields), timeout=30,
                                                     metadata=bearer(key) if key else None)
        found = []
        for message in stream:
            for fact in message.facts:
                kind = fact.WhichOneof('fact')
                found.append((kind, getattr(fact, kind).name))
            if message.snapshot == COMPLETE:
                break
        stream.cancel()
        return found

    def test_facts_are_those_of_the_callers_customers(self):
        theirs = self.rpc.CreatePartner(partner=dict(display_name='Rival', tier='DISTRIBUTOR')).name
        customer = self.rpc.CreateCustomer(customer=lmp_server.new_customer(partner=theirs)).name
        self.await_history()  # a snapshot is as of the last event that has its place; what is later follows it
        everything = self.facts()
        self.assertEqual(len([1 for kind, _ in everything if kind == 'license']), 20)
        self.assertLessEqual({('partner', PARTNER), ('partner', theirs), ('customer', customer)}, set(everything))
        checker = api_key(self.server, '--role', 'CHECKER', '--partner', theirs)
        own = self.facts(checker)
        self.assertEqual([f for f in own if f[0] != 'product'], [('partner', theirs), ('customer', customer)])
        viewer = self.rpc.CreateApiKey(parent=PARTNER, api_key=dict(roles=['CUSTOMER_VIEWER'],
                                                                    customer=self.customers[0])).secret
        self.await_history()
        for found in (self.facts(viewer), self.facts(customer=self.customers[0])):
            kinds = [f for f in found if f[0] not in ('product', 'partner')]
            self.assertEqual([kind for kind, _ in kinds], ['customer', 'subscription', 'license'])
            self.assertIn(('partner', PARTNER), found)
        self.assertNotIn(('partner', theirs), self.facts(viewer))

    def test_the_tool_shows_facts(self):
        cli = lmp_server.Cli(self.server.target)
        lines = [json.loads(line) for line in
                 cli.ok('license', 'watch', '--customer', self.customers[0], '--limit', '5').splitlines()]
        self.assertEqual((len(lines), lines[0]['snapshot']), (5, 'SNAPSHOT_BEGIN'))
        self.assertIn('license', str(lines))


if __name__ == '__main__':
    unittest.main()
