"""A history that is kept for so long: what is older can't be asked about, and everything else is as it was."""

import datetime
import unittest

from ageing import age
from credentials import database_of
from listings import UTC, stay_within_a_day
from lmp_server import PARTNER, Cli, ServerTestCase, assign_request, call_error, create_customer, run_server_command
from lmp_server import wait_until
from rpc import Rpc, broken_promises
from watching import watch

AGE = 500  # days
KEEP = '450'


class RetentionTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        """Some hundred events that are too old, whose end is cut off; and a few of today."""
        stay_within_a_day(200)
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.old = create_customer(cls.client, 'old-customer')
        cls.late = create_customer(cls.client, 'late-customer')
        cls.client.licensing.AssignServicePlan(assign_request(cls.old, 'cas-annual', {'cloud-app-security': 5}))
        for i in range(600):
            cls.rpc.UpdateCustomer(customer=dict(name=cls.late, city=f'City {i}'))
        cls.server.await_history()
        age(cls.server.sql, AGE)
        cls.early = cls.rpc.GetHistoryHead()
        cls.kept = cls.rpc.UpdateCustomer(customer=dict(name=cls.late, city='Bonn')).update_time
        cls.server.await_history()
        for args in (('--archive-events-days', '30'), ('--archive-events-days', '30', '--history-retention', KEEP)):
            cls.server.stop()
            cls.server.args = [*cls.server_args, *args]
            cls.server.start()
            cls.client.wait_healthy()
            said = ('events taken away that are older than the history is kept' if '--history-retention' in args else
                    'old events moved to the archive')
            wait_until(lambda: [e for e in cls.server.log_entries() if e['message'] == said], 30, said)
        cls.base = int(cls.server.sql('SELECT base_sequence FROM history_head')[0][0])

    def then(self, days=AGE + 1):
        return dict(seconds=int((datetime.datetime.now(UTC) - datetime.timedelta(days=days)).timestamp()))

    def assert_out_of_range(self, field, call, reason='DATE_OUT_OF_RANGE', **fields):
        error = call_error(call, **fields)
        self.assertEqual((error.code.name, error.reason, list(error.fields)), ('OUT_OF_RANGE', reason, [field]))
        self.assertEqual(broken_promises(error), [])
        return error

    def test_whole_blocks_were_taken_and_the_rest_is_proven(self):
        self.assertEqual(self.base, 512)
        self.assertEqual(self.server.sql('SELECT MIN(sequence) FROM events_archive'), [['513']])
        done = run_server_command('check', '--history', *database_of(self.server))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('the 512 before them are not kept any more', done.stdout)
        cli = Cli(self.server.target)
        keys, export = self.directory / 'keys.json', self.directory / 'history.jsonl'
        keys.write_text(cli.ok('license', 'token-keys', '-o', 'json'))
        export.write_text(cli.ok('event', 'export'))
        self.assertIn('from event 513 on', cli.ok('event', 'verify', export, '--keys', keys))
        lines = export.read_text().splitlines()
        export.write_text('\n'.join(lines[:1] + lines[2:]) + '\n')
        self.assertEqual(cli.run('event', 'verify', export, '--keys', keys).returncode, 15)
        proof = self.directory / 'proof.json'
        event = self.server.sql('SELECT event_id FROM events_archive WHERE sequence = 520')[0][0]
        proof.write_text(cli.ok('event', 'proof', f'events/{event}', '-o', 'json'))
        self.assertIn('is in the history', cli.ok('event', 'verify', proof, '--keys', keys))
        self.assertEqual(self.rpc.GetHistoryHead(since_sequence=600).sequence, self.early.sequence + 1)

    def test_what_is_older_is_out_of_range(self):
        for call, fields in ((self.rpc.GetCustomer, dict(name=self.late)),
                             (self.rpc.ListCustomers, {}),
                             (self.rpc.GetServicePlan, dict(name='servicePlans/cas-annual'))):
            error = self.assert_out_of_range('read_time', call, read_time=self.then(), **fields)
            self.assertIn('earliest_time', error.metadata)
        self.assert_out_of_range('start_time', self.rpc.ListEvents, parent='-', start_time=self.then())
        self.assert_out_of_range('start_time', self.rpc.ListEvents, parent=self.late, start_time=self.then())
        month = datetime.date.today() - datetime.timedelta(days=AGE + 40)
        self.assert_out_of_range('month', self.rpc.GetUsageReport, parent=PARTNER,
                                 month=dict(year=month.year, month=month.month))
        self.assert_out_of_range('after_sequence', self.rpc.ExportHistory, after_sequence=100)
        self.assert_out_of_range('since_sequence', self.rpc.GetHistoryHead, since_sequence=100)
        error = self.assert_out_of_range('resume_token', self.rpc.WatchEvents, 'RESUME_TOKEN_GONE',
                                         resume_token='100-0123456789abcdef')
        self.assertTrue(error.metadata['earliest_token'].startswith('512-'))
        self.assert_out_of_range('start_time', self.rpc.WatchEvents, 'RESUME_TOKEN_GONE', start_time=self.then())
        self.assertEqual(call_error(self.rpc.GetEvent, name='events/1').reason, 'EVENT_NOT_FOUND')
        stream = watch(self.client, resume_token=error.metadata['earliest_token'])
        self.addCleanup(stream.cancel)
        self.assertEqual(next(m for m in stream if m.events).events[0].sequence, 513)

    def test_who_watches_from_a_time_right_behind_the_end_of_what_was_dropped_gets_all_that_is_kept(self):
        base = self.server.sql('SELECT UNIX_TIMESTAMP(base_time) FROM history_head')[0][0]
        seconds, _, micros = base.partition('.')
        start = dict(seconds=int(seconds), nanos=1000 * (int(micros) + 1))
        stream = watch(self.client, start_time=start)
        self.addCleanup(stream.cancel)
        first = next(stream)
        self.assertTrue(first.resume_token.startswith('512-'), first)
        found = first if first.events else next(m for m in stream if m.events)
        self.assertEqual(found.events[0].sequence, 513)

    def test_what_was_made_before_is_as_it_was(self):
        self.assertEqual(self.rpc.GetCustomer(name=self.old).city, 'Bonn')
        self.assertEqual(self.rpc.GetCustomer(name=self.old, read_time=self.then(1)).city, 'Bonn')
        self.assertEqual(self.rpc.GetCustomer(name=self.late, read_time=self.then(1)).city, 'City 599')
        self.assertEqual(self.rpc.GetServicePlan(name='servicePlans/cas-annual', read_time=self.then(1)).display_name,
                         'cas-annual')
        self.assertEqual(list(self.rpc.ListEvents(parent=self.old).events), [])
        self.assertEqual(self.rpc.ListEvents(parent=self.late, order_by='event_time desc').events[0].change.resource,
                         self.late)
        license = self.rpc.ListLicenses(parent=self.old).licenses[0]
        self.assertEqual(self.rpc.ExplainLicense(name=license.name).license.units, 5)
        names = [c.name for c in self.rpc.ListCustomers(read_time=self.then(1)).customers]
        self.assertEqual(names, [self.late, self.old])

    def test_it_needs_the_archive(self):
        for args in ((), ('--archive-events-days', '0'), ('--archive-events-days', '500')):
            done = run_server_command('serve', '--embedded-mysql', self.directory / 'none', '--history-retention', KEEP,
                                      *args)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn('--archive-events-days', done.stderr)


if __name__ == '__main__':
    unittest.main()
