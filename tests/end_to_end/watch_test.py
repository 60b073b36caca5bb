"""The history as it goes on: where a stream begins, what it shows, to whom, and how it ends."""

import json
import time
import unittest

import grpc

import lmp_server
from credentials import api_key, bearer, database_of
from lmp.v1.watch_licenses_pb2 import WatchLicensesRequest
from lmp_server import (BIN, Cli, LmpServer, ServerTestCase, assign_request, call_error, child_environment,
                        create_customer, customer_api, licensing_api, new_customer, new_request_id, popen, wait_until)
from rpc import Rpc, broken_promises
from watching import Listener, take, watch

CAS = {'cloud-app-security': 5}
LOOK_AGAIN = 20  # seconds after which the server asks whether who watches still may


class WatchTestCase(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)

    def head(self):
        """Once everything has its place."""
        self.await_history()
        return self.rpc.GetHistoryHead()

    def watch(self, **fields):
        stream = watch(self.client, **fields)
        self.addCleanup(stream.cancel)
        return stream

    def change(self, customer, city):
        self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(
            customer=dict(name=customer, city=city), request_id=new_request_id()))


class WatchPlacesTest(WatchTestCase):

    def test_one_customer_can_not_take_the_places_of_all(self):
        customer = create_customer(self.client, 'greedy')
        keys = [self.rpc.CreateApiKey(parent=lmp_server.PARTNER, api_key=dict(
            display_name=f'Screen {i}', roles=['CUSTOMER_VIEWER'], customer=customer)) for i in range(2)]
        streams = []

        def open_one(key):
            stream = self.watch(metadata=bearer(key.secret), customer=customer, timeout=120)
            streams.append(stream)
            return next(stream)

        for i in range(100):
            open_one(keys[i % 2])
        error = call_error(open_one, keys[0])
        self.assertEqual((error.code, error.reason), (grpc.StatusCode.RESOURCE_EXHAUSTED, 'OVERLOADED'))
        self.assertEqual(broken_promises(error), [])
        next(self.watch())  # another's
        streams[0].cancel()

        def has_place():
            try:
                return open_one(keys[1])
            except grpc.RpcError:
                return None

        wait_until(has_place, 10, 'the place of a stream that ended is free')


class WatchTest(WatchTestCase):

    def test_from_now_there_is_first_a_checkpoint_and_then_each_transaction(self):
        customer = create_customer(self.client, 'from-now')
        head = self.head()
        stream = self.watch()
        first = next(stream)
        self.assertEqual((list(first.events), first.resume_token),
                         ([], f'{head.sequence}-{head.chain_hash[:16]}'))
        request = assign_request(customer, 'cas-annual', CAS, request_id=new_request_id())
        self.client.licensing.AssignServicePlan(request, metadata=[('lmp-reason', 'a test')])
        message = next(stream)
        self.assertEqual({e.change.event_kind for e in message.events}, {'SERVICE_PLAN_ASSIGNED'})
        self.assertEqual({(e.request_id, e.reason, e.partner) for e in message.events},
                         {(request.request_id, 'a test', lmp_server.PARTNER)})
        self.assertEqual([e.sequence for e in message.events],
                         list(range(head.sequence + 1, head.sequence + 1 + len(message.events))))
        units = [f for e in message.events for f in e.change.fields if f.field == 'units']
        self.assertEqual([(f.before, f.after) for f in units], [('', '5')])
        self.assertEqual(message.events[0],
                         self.rpc.GetEvent(name=message.events[0].name), 'as any other reader sees it')

    def test_a_token_goes_on_right_after_its_message_also_at_another_server(self):
        customer = create_customer(self.client, 'tokens')
        self.head()
        stream = self.watch()
        token = next(stream).resume_token
        for city in 'ABCDE':
            self.change(customer, city)
        messages = [next(stream) for _ in range(5)]
        second = LmpServer(self.directory / 'second', database=list(database_of(self.server)))
        second.directory.mkdir()
        self.addCleanup(second.kill)
        second.start()
        with second.client() as other:
            for client in (self.client, other):
                for i, before in enumerate([token] + [m.resume_token for m in messages[:-1]]):
                    again = watch(client, resume_token=before)
                    self.assertEqual(list(next(again).events), [], 'a checkpoint')
                    self.assertEqual([e.name for e in take(again, 5 - i)], [m.events[0].name for m in messages[i:]])
                    again.cancel()
            # What the one server commits is soon seen at the other.
            stream = watch(other)
            next(stream)
            began = time.monotonic()
            self.change(customer, 'F')
            self.assertIn('F', str(next(stream).events))
            print(f'\nfrom commit to a watcher of another server: {(time.monotonic() - began) * 1000:.0f} ms')
            stream.cancel()

    def test_filters(self):
        mine, other = create_customer(self.client, 'mine'), create_customer(self.client, 'not-mine')
        self.head()
        of_customer = self.watch(customer=mine)
        of_kind = self.watch(event_kinds=['SERVICE_PLAN_ASSIGNED', 'CUSTOMER_DISABLED'])
        of_partner = self.watch(partner=lmp_server.PARTNER)
        for stream in (of_customer, of_kind, of_partner):
            next(stream)
        self.change(other, 'Elsewhere')
        self.change(mine, 'Here')
        self.client.licensing.AssignServicePlan(assign_request(mine, 'cas-annual', CAS))
        self.rpc.CreatePartner(partner=dict(display_name='Somebody else', tier='DISTRIBUTOR'))
        self.rpc.DisableCustomer(name=other)
        self.assertEqual([e.change.event_kind for e in take(of_customer, 3)],
                         ['CUSTOMER_UPDATED', 'SERVICE_PLAN_ASSIGNED', 'SERVICE_PLAN_ASSIGNED'])
        kinds = [e.change.event_kind for e in take(of_kind, 3)]
        self.assertEqual(kinds, ['SERVICE_PLAN_ASSIGNED'] * 2 + ['CUSTOMER_DISABLED'])
        events = take(of_partner, 5)
        self.assertEqual([e.change.event_kind for e in events],
                         ['CUSTOMER_UPDATED'] * 2 + kinds)

    def test_from_the_earliest_and_from_a_time(self):
        head = self.head()
        events = take(self.watch(resume_token='earliest'), head.sequence)
        self.assertEqual([e.sequence for e in events], list(range(1, head.sequence + 1)))
        middle = events[len(events) // 2]
        later = [e.name for e in events if (e.event_time.seconds, e.event_time.nanos) >=
                 (middle.event_time.seconds, middle.event_time.nanos)]
        found = take(self.watch(start_time=middle.event_time), len(later))
        self.assertEqual([e.name for e in found], later)

    def test_a_quiet_stream_has_checkpoints_with_signed_heads(self):
        head = self.head()
        stream = self.watch(checkpoint_interval=dict(seconds=1), event_kinds=['PARTNER_CANCELED'])
        first = next(stream)
        create_customer(self.client, 'unwatched')
        second = next(stream)
        self.assertEqual(list(second.events), [])
        place = int(second.resume_token.split('-')[0])
        self.assertGreater(place, head.sequence, 'what is not asked for is passed over')
        self.assertEqual(first.signed_head.count('.'), 2)
        self.assertEqual(self.rpc.GetHistoryHead().signed_head.count('.'), 2)

    def test_what_is_wrong_is_said(self):
        for fields, field in ((dict(resume_token='yesterday'), 'resume_token'),
                              (dict(resume_token='7-'), 'resume_token'),
                              (dict(partner='acme'), 'partner'), (dict(customer='x'), 'customer'),
                              (dict(checkpoint_interval=dict(seconds=301)), 'checkpoint_interval'),
                              (dict(checkpoint_interval=dict(nanos=1)), 'checkpoint_interval')):
            error = call_error(self.rpc.WatchEvents, **fields)
            self.assertEqual((error.reason, list(error.fields)), ('INVALID_FIELDS', [field]), error)
        self.assertEqual(call_error(self.rpc.WatchEvents, partner='partners/nobody').reason, 'PARTNER_NOT_FOUND')
        self.assertEqual(call_error(self.rpc.WatchEvents, customer='customers/nobody').reason, 'CUSTOMER_NOT_FOUND')
        head = self.head()
        for token in (f'{head.sequence + 1000}-{head.chain_hash[:16]}', f'{head.sequence}-0123456789abcdef'):
            error = call_error(self.rpc.WatchEvents, resume_token=token)
            self.assertEqual((error.code, error.reason, error.metadata['earliest_token']),
                             (grpc.StatusCode.OUT_OF_RANGE, 'RESUME_TOKEN_GONE', '0-0000000000000000'))
            self.assertEqual(broken_promises(error), [], error)

    def test_a_key_sees_its_partners_events_only_and_for_as_long_as_it_holds(self):
        theirs = self.rpc.CreatePartner(partner=dict(display_name='Rival', tier='DISTRIBUTOR')).name
        key = api_key(self.server, '--role', 'PARTNER_ADMIN', '--partner', theirs)
        stream = watch(self.client, metadata=bearer(key), resume_token='earliest')
        next(stream)
        create_customer(self.client, 'not-theirs')
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=theirs)).name
        reseller = self.rpc.CreatePartner(partner=dict(display_name='Below', tier='RESELLER', parent=theirs)).name
        below = self.rpc.CreateCustomer(customer=new_customer(partner=reseller)).name
        seen = [e.change.resource for e in take(stream, 5)]
        self.assertTrue(seen[1].startswith(f'{theirs}/apiKeys/'), 'the key itself')
        self.assertEqual(seen[:1] + seen[2:], [theirs, customer, reseller, below])
        listed = self.rpc.ListEvents(parent='-', metadata=bearer(key)).events
        self.assertEqual([e.change.resource for e in listed], seen)
        self.assertEqual(call_error(self.rpc.WatchEvents, partner=lmp_server.PARTNER, metadata=bearer(key)).reason,
                         'PARTNER_NOT_FOUND')
        stream.cancel()


    def test_a_revoked_key_is_told_nothing_more_however_quiet_its_stream_was(self):
        customer = create_customer(self.client, 'quiet')
        self.head()
        key = self.rpc.CreateApiKey(parent=lmp_server.PARTNER, api_key=dict(roles=['SUPPORT']))
        rarely = dict(checkpoint_interval=dict(seconds=300))
        streams = [watch(self.client, 90, bearer(key.secret), **rarely),
                   self.client.licensing.WatchLicenses(WatchLicensesRequest(**rarely), timeout=90,
                                                       metadata=bearer(key.secret))]
        readers = [Listener(stream) for stream in streams]
        wait_until(lambda: readers[0].messages and any(m.resume_token for m in readers[1].messages), 10, 'all began')
        self.rpc.RevokeApiKey(name=key.name)
        time.sleep(LOOK_AGAIN + 1)
        told = [len(reader.messages) for reader in readers]
        self.assertEqual([reader.error for reader in readers], [None, None], 'and the key itself was told of, once')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', CAS))
        for reader in readers:
            reader.join(10)
            self.assertEqual((reader.error.code, reader.error.reason),
                             (grpc.StatusCode.UNAUTHENTICATED, 'UNAUTHENTICATED_INVALID'))
        self.assertEqual([len(reader.messages) for reader in readers], told)


class ListTest(WatchTestCase):

    def test_who_changed_what_across_all_customers(self):
        for i in range(3):
            self.change(create_customer(self.client, f'listed-{i}'), f'City {i}')
        head = self.head()
        events = self.rpc.ListEvents(parent='-', page_size=1000).events
        self.assertEqual([e.sequence for e in events], list(range(1, head.sequence + 1)))
        newest = self.rpc.ListEvents(parent='-', page_size=1000, order_by='event_time desc').events
        self.assertEqual(list(newest), list(events)[::-1])
        # Pages.
        paged, token = [], ''
        while True:
            page = self.rpc.ListEvents(parent='-', page_size=7, page_token=token, order_by='event_time desc')
            paged += page.events
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(paged, list(newest))
        # Times.
        key = lambda e: (e.event_time.seconds, e.event_time.nanos)  # noqa: E731
        start, end = events[5].event_time, events[-5].event_time
        between = self.rpc.ListEvents(parent='-', page_size=1000, start_time=start, end_time=end).events
        self.assertEqual([e.name for e in between],
                         [e.name for e in events if key(events[5]) <= key(e) < key(events[-5])])
        self.assertGreater(len(between), 0)
        wanted = 'change.event_kind = CUSTOMER_UPDATED AND actor = "local-admin"'
        filtered = self.rpc.ListEvents(parent='-', filter=wanted).events
        self.assertEqual({e.change.event_kind for e in filtered}, {'CUSTOMER_UPDATED'})
        named = [f'customers/listed-{i}' for i in (0, 2)]
        of_two = self.rpc.ListEvents(parent='-', filter=' OR '.join(f'change.resource = "{n}"' for n in named)).events
        self.assertEqual([e.name for e in of_two], [e.name for e in events if e.change.resource in named])
        self.assertEqual([e.change.event_kind for e in of_two], ['CUSTOMER_CREATED', 'CUSTOMER_UPDATED'] * 2)
        of_partner = self.rpc.ListEvents(parent='-', page_size=1000, partner=lmp_server.PARTNER).events
        self.assertEqual([e.name for e in of_partner], [e.name for e in events if e.partner == lmp_server.PARTNER])
        error = call_error(self.rpc.ListEvents, parent='-', partner='partners/nobody')
        self.assertEqual(error.reason, 'PARTNER_NOT_FOUND')
        error = call_error(self.rpc.ListEvents, parent='customers/listed-0', partner=lmp_server.PARTNER)
        self.assertEqual(list(error.fields), ['partner'])


class EndsTest(WatchTestCase):

    def test_a_drain_ends_streams_with_a_token_and_a_reason(self):
        self.head()
        stream = self.watch()
        token = next(stream).resume_token
        reader = Listener(stream)
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 20)
        reader.join(10)
        self.assertEqual([(m.resume_token, list(m.events)) for m in reader.messages], [(token, [])])
        self.assertEqual((reader.error.code, reader.error.reason), (grpc.StatusCode.UNAVAILABLE, 'SHUTTING_DOWN'))
        self.server.start()
        self.client.wait_healthy()
        create_customer(self.client, 'after-the-restart')
        events = take(self.watch(resume_token=token), 1)
        self.assertEqual([e.change.resource for e in events], ['customers/after-the-restart'])

    def test_what_is_no_longer_kept_is_out_of_range(self):
        for i in range(3):
            create_customer(self.client, f'kept-{i}')
        self.head()
        self.server.sql('DELETE FROM events WHERE sequence < 5')
        error = call_error(self.rpc.WatchEvents, resume_token='0-0000000000000000')
        self.assertEqual((error.code.name, error.reason), ('OUT_OF_RANGE', 'RESUME_TOKEN_GONE'))
        events = take(self.watch(resume_token=error.metadata['earliest_token']), 1)
        self.assertEqual(events[0].sequence, 5)
        self.assertEqual(take(self.watch(resume_token='earliest'), 1)[0].sequence, 5)


class CommandTest(WatchTestCase):

    def test_lmp_watch_remembers_its_place_and_goes_on_by_itself(self):
        cli, seen = Cli(self.server.target), self.directory / 'seen'
        args = ['watch', '--resume-file', seen, '--limit', '2', '-o', 'json']
        for name in ('a', 'b', 'c', 'd'):
            create_customer(self.client, f'watched-{name}')
        head = self.head()
        lines = cli.ok(*args, '--resume-token', 'earliest').splitlines() + cli.ok(*args).splitlines()
        sequences = [int(e['sequence']) for line in lines for e in json.loads(line)['events']]
        self.assertEqual(sequences, list(range(1, sequences[-1] + 1)))
        self.assertEqual(seen.read_text().strip(), json.loads(lines[-1])['resume_token'])
        seen.write_text(f'{head.sequence}-{head.chain_hash[:16]}\n')
        out = self.directory / 'out'
        with open(out, 'w') as file:
            process = popen([BIN / 'lmp', *args], env=child_environment({'LMP_SERVER': self.server.target}),
                            stdout=file)
        self.addCleanup(process.kill)
        create_customer(self.client, 'watched-e')
        wait_until(lambda: 'watched-e' in out.read_text(), 20, 'the first line')
        self.server.stop()
        self.server.start()
        self.client.wait_healthy()
        create_customer(self.client, 'watched-f')
        self.assertEqual(process.wait(30), 0)
        events = [e for line in out.read_text().splitlines() for e in json.loads(line)['events']]
        self.assertEqual([e['change']['resource'] for e in events], ['customers/watched-e', 'customers/watched-f'])

    def test_what_was_kept_counts_and_not_since_when(self):
        seen, head = self.directory / 'kept', self.head()
        seen.write_text(f'{head.sequence}-{head.chain_hash[:16]}\n')
        create_customer(self.client, 'missed')
        self.head()
        time.sleep(1.1)
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        line = Cli(self.server.target).ok('watch', '--resume-file', seen, '--since', now, '--limit', '1', '-o', 'json')
        self.assertIn('customers/missed', line)

    def test_a_file_that_says_nothing_is_a_mistake(self):
        empty = self.directory / 'empty'
        empty.write_text('\n')
        for file in (empty, self.directory):
            done = Cli(self.server.target).run('watch', '--resume-file', file, '--limit', '1')
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(f'{file} can\'t be read, or has no token', done.stderr)

    def test_lmp_event_list_says_who_changed_what_since_yesterday(self):
        cli = Cli(self.server.target)
        create_customer(self.client, 'listed')
        self.head()
        self.assertIn('customers/listed', cli.ok('event', 'list', '--since', 'yesterday', '--actor', 'local-admin'))
        self.assertEqual(cli.json('event', 'list', '--since', 'yesterday', '--actor', 'nobody'), [])
        self.assertIn('--since never', cli.run('event', 'list', '--since', 'never').stderr)
        shown = cli.ok('watch', '--since', '1h', '--customer', 'customers/listed', '--limit', '1')
        self.assertIn('customers/listed', shown)
        self.assertEqual(cli.json('event', 'head')['sequence'], str(self.head().sequence))


if __name__ == '__main__':
    unittest.main()
