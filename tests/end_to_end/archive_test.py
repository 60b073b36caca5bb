"""Old events in the archive: whatever is asked about the past, the answer is the same before, while and after they
move."""

import subprocess
import threading
import unittest

import as_of_test
import lmp_server
from as_of_test import SEED, STEPS
from listings import LISTINGS, Lists, collection_of, instant, stay_within_a_day
from lmp_server import BIN, PARTNER, ServerTestCase, run_server_command, today, wait_until

PARTS = 16  # in which all events move


class ArchiveTest(as_of_test.AsOfTest):
    """All that as_of_test compares is compared with more and more of the history in the archive: a part for each
    test."""

    @classmethod
    def setUpClass(cls):
        stay_within_a_day(200)
        super().setUpClass()
        cls.all_events = cls.count('events')
        cls.names = sorted(r.name for c, listing in LISTINGS.items() if listing.get for r in cls.looks[-1][c])
        cls.before = cls.answers()

    @classmethod
    def count(cls, table):
        return int(cls.server.sql(f'SELECT COUNT(*) FROM {table}')[0][0])

    @classmethod
    def move(cls, count):
        done = subprocess.run([BIN / 'archive_events', cls.server.socket, str(count)], capture_output=True,
                              encoding='utf-8',
                              timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return int(done.stdout)

    @classmethod
    def pages(cls, name, size, between=lambda: None, **fields):
        """A resource's events in pages, each event as its bytes."""
        found, token = [], ''
        while True:
            page = cls.lists.rpc.ListEvents(parent=name, page_size=size, page_token=token, **fields)
            found += [(e.name, e.SerializeToString(deterministic=True)) for e in page.events]
            token = page.next_page_token
            if not token:
                return found
            between()

    @classmethod
    def answers(cls):
        """What the API says of the history, by question."""
        rpc, said = cls.lists.rpc, {}
        for i, name in enumerate(cls.names):
            for order in ('event_time', 'event_time desc'):
                said[f'events of {name} by {order}'] = cls.pages(name, (3, 7, 1000)[i % 3], order_by=order)
            for event, _ in said[f'events of {name} by event_time desc'][i % 5::5]:
                said[event] = rpc.GetEvent(name=event)
            if collection_of(name) == 'licenses':
                said[f'explanation of {name}'] = rpc.ExplainLicense(name=name)
        month = dict(year=today().year, month=today().month)
        said['use'] = list(rpc.GetUsageReport(parent=PARTNER, month=month,
                                              page_size=1000).rows)  # beside it stands the moment
        for step in range(1, STEPS + 1, 23):
            for collection in LISTINGS:
                said[f'{collection} at step {step}'] = cls.lists.all(collection, read_time=instant(cls.times[step]))
        return said

    def setUp(self):
        super().setUp()
        self.move(self.all_events // PARTS)

    def assert_answers_as_before(self):
        answers = self.answers()
        moved = self.count('events_archive')
        self.assertEqual(answers.keys(), self.before.keys())
        for question, answer in self.before.items():
            self.assertEqual(answers[question], answer,
                             f'seed {SEED}: {question}, {moved} of {self.all_events} events are in the archive')

    def test_every_answer_is_the_same_while_events_move(self):
        stop = threading.Event()
        failed = []

        def move_one_by_one():
            try:
                for _ in range(self.all_events // 3):
                    if stop.wait(0.01) or self.move(1) == 0:
                        return
            except Exception as e:  # pylint: disable=broad-except
                failed.append(e)

        mover = threading.Thread(target=move_one_by_one)
        moved = self.count('events_archive')
        mover.start()
        try:
            for _ in range(3):
                self.assert_answers_as_before()
        finally:
            stop.set()
            mover.join()
        self.assertEqual(failed, [])
        self.assertGreater(self.count('events_archive'), moved)

    def test_pages_go_on_when_events_move_between_them(self):
        for i, name in enumerate(self.names):
            for order in ('event_time', 'event_time desc'):
                between = (lambda: self.move(2)) if i % 7 == 0 else lambda: None
                self.assertEqual(self.pages(name, 2, between, order_by=order),
                                 self.before[f'events of {name} by {order}'], name)

    def test_zz_the_newest_event_stays(self):
        self.move(self.all_events)
        self.assertEqual((self.count('events'), self.count('events_archive')), (1, self.all_events - 1))
        self.assert_answers_as_before()
        newest = int(self.server.sql('SELECT MAX(event_id) FROM events')[0][0])
        self.server.stop()
        self.assert_check_finds_nothing()
        self.server.start()
        self.client.wait_healthy()
        lmp_server.create_customer(self.client, 'after-all')
        self.assertEqual(self.server.sql('SELECT event_id FROM events ORDER BY event_id'),
                         [[str(newest)], [str(newest + 1)]])
        self.assert_answers_as_before()


class WorkerTest(ServerTestCase, unittest.TestCase):

    def test_archives_what_is_as_old_as_it_is_told(self):
        lmp_server.create_customer(self.client, 'old-customer')
        old = int(self.server.sql('SELECT MAX(event_id) FROM events')[0][0])
        lmp_server.create_customer(self.client, 'new-customer')
        self.server.sql(f'UPDATE events SET event_time = event_time - INTERVAL 31 DAY WHERE event_id <= {old}')
        self.assertEqual(self.count(), 0)
        self.await_history()
        seen = self.seen()
        self.server.stop()
        self.server.args = ['--archive-events-days', '30']
        self.server.start()
        entry = wait_until(lambda: next((e for e in self.server.log_entries()
                                         if e['message'] == 'old events moved to the archive'), None),
                           30, 'old events are archived')
        self.assertEqual((entry['events'], self.count()), (old, old))
        self.client.wait_healthy()
        self.assertEqual(self.seen(), seen)
        self.server.stop()
        self.assert_check_finds_nothing()

    def seen(self):
        return [Lists(self.client).rpc.ListEvents(parent=name)
                for name in ('customers/old-customer', 'customers/new-customer', PARTNER, 'servicePlans/cas-annual')]

    def count(self):
        return int(self.server.sql('SELECT COUNT(*) FROM events_archive')[0][0])

    def test_no_fewer_days_than_thirty(self):
        for days in ('29', '1', '-1', 'x'):
            done = run_server_command('serve', '--embedded-mysql', self.directory / 'none', '--archive-events-days',
                                      days)
            self.assertEqual(done.returncode, 64, days)
            self.assertIn('--archive-events-days', done.stderr)


if __name__ == '__main__':
    unittest.main()
