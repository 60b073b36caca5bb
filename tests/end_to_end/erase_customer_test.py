"""A customer that was deleted 30 days ago is erased: nothing tells of its people any more, and the history holds."""

import base64
import json
import signal
import unittest

import lmp_server
from ageing import age
from credentials import api_key, bearer, database_of
from database_faults import BorrowingServerTestCase
from listings import stay_within_a_day
from lmp_server import PARTNER, Cli, ServerTestCase, call_error, new_request_id, wait_until
from rpc import Rpc, broken_promises
from sql_numbers import numbers
from watching import watch

MARK = 'QUOKKA'
CAS = 'products/cloud-app-security'
REASON = [('lmp-reason', f'{MARK} called')]
MARKED = dict(partner=PARTNER, display_name=f'{MARK} name', city=f'{MARK} city', region=f'{MARK} region', country='DE',
              address=f'{MARK} address', postal_code=f'{MARK}1', industry='FOO', note=f'{MARK} note',
              emergency_emails=[f'{MARK}@a.example'], external_id=f'{MARK} id', annotations={f'{MARK} k': f'{MARK} v'},
              contact=dict(given_name=f'{MARK} given', family_name=f'{MARK} family', email=f'{MARK}@b.example'))


def marked_customer(rpc, customer_id, **fields):
    """One with a mark in everything that somebody may have written down of people, deleted in the end."""
    fields = {**MARKED, **fields}
    name = rpc.CreateCustomer(customer_id=customer_id, customer=fields, metadata=REASON,
                              request_id=new_request_id()).name
    rpc.UpdateCustomer(customer=dict(name=name, note=f'{MARK} another note'), metadata=REASON)
    rpc.UpdateCustomer(customer=dict(name=name, note=f'{MARK} another note'), metadata=REASON)  # changes nothing
    rpc.AddLicensePoolUnits(name=f'{PARTNER}/licensePools/cloud-app-security', units=1000)
    rpc.AssignServicePlan(parent=name, service_plan='servicePlans/cas-annual', units=[dict(product=CAS, units=5)],
                          metadata=REASON)
    key = rpc.CreateApiKey(parent=PARTNER, api_key=dict(roles=['CUSTOMER_VIEWER'], customer=name,
                                                        display_name=f'{MARK} laptop'), metadata=REASON)
    rpc.UpdateApiKey(api_key=dict(name=key.name, display_name=f'{MARK} phone'), metadata=REASON)
    plan = rpc.CreateServicePlan(service_plan=dict(display_name=f'plan {customer_id}', partner=PARTNER,
                                                   product='products/hosted-email-security', initial_term_months=12))
    units = [dict(product='products/hosted-email-security', units=5)]
    registration = rpc.CreateRegistrationKey(metadata=REASON, registration_key=dict(
        service_plan=plan.name, units=units, note=f'{MARK} shop'))
    rpc.RedeemRegistrationKey(name=registration.name, customer=name, metadata=REASON)
    rpc.DeleteCustomer(name=name, force=True, metadata=REASON)
    return name


def dump(sql):
    """{table: its rows as text}."""
    tables = sql("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {table: '\n'.join('\t'.join(row) for row in sql(f'SELECT * FROM {table}')) for table, in tables}


def marks(sql):
    """{table: how often the mark is in it}, in all that the database has."""
    return {table: text.upper().count(MARK) for table, text in dump(sql).items() if MARK in text.upper()}


class EraseTestCase(ServerTestCase):
    server_args = ('--time-worker', '0', '--request-days', '3650')

    @classmethod
    def setUpClass(cls):
        stay_within_a_day(200)
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.sql = cls.database.sql if hasattr(cls, 'database') else cls.server.sql

    def erase(self, name, **fields):
        customer = self.rpc.EraseCustomer(name=name, **fields)
        self.await_erased(name)
        return customer

    def await_erased(self, name):
        wait_until(lambda: not self.rpc.GetCustomer(name=name).erasing, 30, 'its history is erased')

    def check(self, server=None):
        done = lmp_server.run_server_command('check', '--history', *database_of(server or self.server))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class EraseTest(EraseTestCase, unittest.TestCase):
    """The methods run in the order of their names: the first makes what the others look at."""

    def test_1_nothing_tells_of_its_people_any_more(self):
        name = marked_customer(self.rpc, 'forgotten')
        self.rpc.CreateCustomer(customer_id='remembered', customer=lmp_server.new_customer(note='Numbat'),
                                metadata=[('lmp-reason', 'Numbat called')])
        error = call_error(self.rpc.EraseCustomer, name=name)
        self.assertEqual((error.reason, broken_promises(error)), ('ERASURE_TOO_EARLY', []))
        # Every second event as a server of before would have written it.
        age(self.sql, before_numbering='UPDATE events SET salt = NULL WHERE event_id MOD 2 = 0')
        before = marks(self.sql)
        self.assertEqual(set(before), {'customers', 'api_keys', 'registration_keys', 'events', 'requests'})
        self.check()
        head = self.rpc.GetHistoryHead()
        stream = watch(self.client, resume_token='now')
        self.addCleanup(stream.cancel)
        next(stream)

        preview = self.rpc.EraseCustomer(name=name, validate_only=True)
        self.assertTrue(preview.preview_token)
        self.assertEqual(marks(self.sql), before)
        request = new_request_id()
        answer = self.rpc.EraseCustomer(name=name, request_id=request, preview_token=preview.preview_token,
                                        metadata=[('lmp-reason', 'request 4711')])
        self.assertNotIn(MARK, str(answer))
        self.assertEqual((answer.display_name, answer.country, answer.industry), ('', 'DE', 'FOO'))
        self.assertTrue(answer.HasField('erase_time'))
        self.await_erased(name)

        self.assertEqual(marks(self.sql), {})
        self.assertEqual(self.sql("SELECT reason, erased FROM events WHERE key1 = 'remembered'"),
                         [['Numbat called', 'NULL']])
        said = self.check()
        self.assertIn('of them without what was erased', said)
        self.assertEqual(self.rpc.GetHistoryHead(since_sequence=head.sequence).sequence, head.sequence + 1)
        self.assertEqual(self.rpc.EraseCustomer(name=name, request_id=request,
                                                preview_token=preview.preview_token).etag, answer.etag)
        message = next(m for m in stream if m.events)
        self.assertEqual([(e.change.event_kind, e.reason) for e in message.events],
                         [('CUSTOMER_ERASED', 'request 4711')])
        self.assertNotIn(MARK, str(message))

    def test_2_nothing_that_is_answered_tells_of_them(self):
        name = 'customers/forgotten'
        self.assertNotIn(MARK, str(self.rpc.GetCustomer(name=name)))
        self.assertNotIn(MARK, str(self.rpc.ListCustomers(show_deleted=True, filter='name = customers/forgotten')))
        events = self.rpc.ListEvents(parent=name, page_size=1000).events
        self.assertGreater(len(events), 5)
        self.assertNotIn(MARK, str(events))
        for event in events:
            self.assertNotIn(MARK, str(self.rpc.GetEvent(name=event.name)))
        created = min(e.event_time.ToSeconds() for e in events)
        shown = self.rpc.GetCustomer(name=name, read_time=dict(seconds=created + 86400))
        self.assertNotIn(MARK, str(shown))
        self.assertEqual(shown.country, 'DE')
        license = self.rpc.ListLicenses(parent=name).licenses[0].name
        self.assertNotIn(MARK, str(self.rpc.ExplainLicense(name=license)))
        error = call_error(self.rpc.RevertChange, name=[e for e in events if e.change.event_kind ==
                                                        'SERVICE_PLAN_ASSIGNED'][0].name)
        self.assertEqual(error.reason, 'NOT_REVERTIBLE')
        self.assertEqual(call_error(self.rpc.UndeleteCustomer, name=name).reason, 'WRONG_STATE')
        error = call_error(self.rpc.EraseCustomer, name=name)
        self.assertEqual((error.reason, error.metadata['state']), ('WRONG_STATE', 'ERASED'))
        # From the beginning, by who watches: its events are still there, and tell of nobody.
        said = ''
        for message in watch(self.client, resume_token='earliest', customer=name):
            said += str(message)
            if any(e.change.event_kind == 'CUSTOMER_ERASED' for e in message.events):
                break
        self.assertNotIn(MARK, said)
        # Its names are free.
        self.rpc.CreateCustomer(customer_id='new-owner', customer=lmp_server.new_customer(external_id=f'{MARK} id'))

    def test_3_who_does_not_trust_the_server_finds_the_history_whole(self):
        cli = Cli(self.server.target)
        self.await_history()
        keys, export = self.directory / 'keys.json', self.directory / 'history.jsonl'
        keys.write_text(cli.ok('license', 'token-keys', '-o', 'json'))
        export.write_text(cli.ok('event', 'export'))
        entries = [json.loads(line) for line in export.read_text().splitlines()[:-1]]
        # They tell of nobody, erased or not, but for those of servers of before.
        records = {int(e['sequence']): base64.b64decode(e.get('record', '')) for e in entries}
        self.assertEqual({s for s, r in records.items() if MARK.encode() in r and b'lmp-event-2' in r}, set())
        self.assertTrue(any(b'lmp-event-2' in r for r in records.values()))
        bare = [s for s, record in records.items() if not record]
        self.assertTrue(bare, 'of old events only the hash is left')
        self.assertIn('of them only the hash is known', cli.ok('event', 'verify', export, '--keys', keys))
        proof = self.directory / 'proof.json'
        for sequence in (bare[0], max(s for s, r in records.items() if b'customers\0' in r)):
            event = self.sql(f'SELECT event_id FROM events WHERE sequence = {sequence}')[0][0]
            proof.write_text(cli.ok('event', 'proof', f'events/{event}', '-o', 'json'))
            said = cli.ok('event', 'verify', proof, '--keys', keys)
            self.assertIn('The event was erased' if sequence in bare else 'The event is in the history', said)
        # Whoever may see an event may prove what it tells of people, as long as it does.
        newest = self.rpc.ListEvents(parent='customers/new-owner').events[0].name
        proof.write_text(cli.ok('event', 'proof', newest, '-o', 'json'))
        said = cli.ok('event', 'verify', proof, '--keys', keys)
        self.assertIn('personal_after', said)
        self.assertIn(f'{MARK} id', said)
        changed = json.loads(proof.read_text())
        personal = base64.b64decode(changed['entry']['personal']).replace(b'Bonn', b'Bern')
        changed['entry']['personal'] = base64.b64encode(personal).decode()
        proof.write_text(json.dumps(changed))
        self.assertEqual(cli.run('event', 'verify', proof, '--keys', keys).returncode, 15)

    def test_4_only_who_may_do_all_may_erase(self):
        for args in (('--role', 'PARTNER_ADMIN', '--partner', PARTNER), ('--role', 'CUSTOMER_MANAGER')):
            key = api_key(self.server, *args)
            error = call_error(self.rpc.EraseCustomer, name='customers/new-owner', metadata=bearer(key))
            self.assertEqual((error.reason, error.metadata['permission']), ('PERMISSION_DENIED', 'ERASE_CUSTOMERS'))

    def test_5_only_what_is_deleted_is_erased(self):
        error = call_error(self.rpc.EraseCustomer, name='customers/new-owner')
        self.assertEqual((error.reason, error.metadata['state']), ('WRONG_STATE', 'ENABLED'))
        self.assertEqual(broken_promises(error), [])

    def test_5_what_is_told_later_of_a_key_is_erased_as_well(self):
        others = {table: count for table, count in marks(self.sql).items() if table != 'requests'}
        name = marked_customer(self.rpc, 'revoked-later', external_id=f'{MARK} later')
        age(self.sql)
        self.erase(name)
        key = next(k.name for k in self.rpc.ListApiKeys(parent=PARTNER).api_keys if k.customer == name)
        self.rpc.UpdateApiKey(api_key=dict(name=key, display_name=f'{MARK} tablet'), metadata=REASON)
        self.await_erased(name)
        self.rpc.RevokeApiKey(name=key, metadata=REASON)
        self.await_erased(name)
        self.assertEqual(marks(self.sql), others)
        self.check()

    def test_6_a_watcher_of_before_is_told_nothing_that_was_erased(self):
        name = marked_customer(self.rpc, 'watched', external_id=f'{MARK} 6')
        age(self.sql)
        stream = watch(self.client, resume_token='now')
        self.addCleanup(stream.cancel)
        first = next(stream)
        other = marked_customer(self.rpc, 'watched-too', external_id='')  # its events lie in the server's buffer
        kinds = []
        for message in stream:
            kinds += [e.change.event_kind for e in message.events]
            if 'CUSTOMER_DELETED' in kinds:
                break
        self.sql("UPDATE customers SET delete_time = delete_time - INTERVAL 31 DAY WHERE customer_id = 'watched-too'")
        self.erase(other)
        self.erase(name)
        late = watch(self.client, resume_token=first.resume_token)  # goes on from before what lay there
        self.addCleanup(late.cancel)
        said = ''
        while said.count('CUSTOMER_ERASED') < 2:
            said += str(next(late))
        self.assertIn('CUSTOMER_CREATED', said)
        self.assertNotIn(MARK, said)


class KilledTest(BorrowingServerTestCase, EraseTestCase, unittest.TestCase):
    """A long history, in which a server is killed; the database's own server sleeps."""

    EVENTS = 6000

    def erased(self):
        return int(self.database.sql('SELECT COUNT(*) FROM events WHERE erased IS NOT NULL')[0][0])

    def long_history(self, name):
        """Of a license that there is not, as no row is looked at for it."""
        self.database.sql(
            'INSERT INTO events (event_time, actor, reason, request_id, kind, row_table, key1, key2, revision, '
            f"after_image, partner_id) SELECT NOW(6) + INTERVAL n MICROSECOND, 'x', '{MARK}', UUID(), 'LAST', "
            f"'licenses', '{name.split('/')[1]}', 'none', n, '{{}}', 'acme-msp' FROM {numbers(self.EVENTS)}")

    def test_what_a_killed_server_left_is_gone_on_with_by_two_others(self):
        name = marked_customer(self.rpc, 'long-gone')
        self.long_history(name)
        self.database.lender.await_history()
        age(self.database.sql)
        self.check(self.database.lender)
        self.database.lender.process.send_signal(signal.SIGSTOP)
        self.rpc.EraseCustomer(name=name)
        wait_until(lambda: self.erased() > 100, 30, 'it is at it')
        self.server.kill()
        left = self.erased()
        self.assertLess(left, self.EVENTS)
        self.assertIn(MARK, '\n'.join(dump(self.database.sql).values()))
        self.check(self.database.lender)  # it holds in the middle, too
        servers = [self.make_borrower(f'next-{i}', self.server_args).start() for i in range(2)]
        for server in servers:
            self.addCleanup(server.kill)
        rpc = Rpc(servers[0].client())
        rpc.client.wait_healthy()
        wait_until(lambda: not rpc.GetCustomer(name=name).erasing, 60, 'it is done')
        self.assertEqual(marks(self.database.sql), {})
        self.assertIn('0 violations', self.check(self.database.lender))


if __name__ == '__main__':
    unittest.main()
