"""The example consumers of the history, killed again and again: a mirror in SQLite, and a bridge to a web server."""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import random
import sqlite3
import sys
import threading
import time
import unittest

from lmp_server import ServerTestCase, assign_request, create_customer, popen, wait_until
from processes import kill
from rpc import Rpc

EXAMPLES = pathlib.Path(__file__).parents[2] / 'client' / 'examples' / 'python'


class ConsumerTestCase(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def setUp(self):
        self.rpc = Rpc(self.client)

    def program(self, name, *args):
        path = os.pathsep.join([str(EXAMPLES), *sys.path])
        process = popen([sys.executable, '-B', EXAMPLES / name, *args], env={**os.environ, 'PYTHONPATH': path})
        self.addCleanup(kill, process)
        return process

    def assign(self, name, units=5):
        customer = create_customer(self.client, name)
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': units}))
        return customer

    def with_kills(self, start, work, done_by_it, seed=1):
        """Plays `work` while the program is killed and started again, some times at least, and the server once: most
        often right after the program has done something, at times while it starts. Returns the last one, which is left
        running."""
        done, chance = threading.Event(), random.Random(seed)

        def run():
            try:
                work()
            finally:
                done.set()

        worker = threading.Thread(target=run)
        process, kills = start(), 0
        worker.start()
        while not done.is_set() or kills < 4:
            before, deadline = done_by_it(), time.monotonic() + chance.uniform(0.5, 8)
            while done_by_it() == before and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.1))
            kill(process)
            kills += 1
            if kills == 2:
                self.server.kill()
                self.server.start()
                self.client.wait_healthy()
            process = start()
        worker.join()
        return process


class MirrorTest(ConsumerTestCase):

    def test_a_mirror_has_every_change_exactly_once(self):
        for i in range(60):
            self.assign(f'first-{i}')
        file = self.directory / 'mirror.db'

        def start():
            return self.program('mirror_licenses.py', self.server.target, file)

        def rows_of(table):
            with sqlite3.connect(file) as db:
                try:
                    return list(db.execute(f'SELECT * FROM {table}'))
                except sqlite3.OperationalError:
                    return []  # the tables are not made yet

        def mirrored():
            return {name: json.loads(fields)['units'] for name, fields in rows_of('licenses')}

        def await_mirror():
            self.await_history()
            wait_until(lambda: mirrored() == self.licenses(), 60, 'the mirror is what there is')

        def work():
            for i in range(20):
                for attempt in range(100):
                    try:
                        self.assign(f'then-{i}-{attempt}', i + 1)
                        time.sleep(0.2)
                        break
                    except Exception:  # noqa: BLE001: the server was killed
                        time.sleep(0.1)

        # The snapshot is begun anew until one is whole. After it, all that happens is told once.
        process = self.with_kills(start, lambda: None, lambda: rows_of('incoming'))
        await_mirror()
        kill(process)
        first = self.rpc.GetHistoryHead().sequence
        self.with_kills(start, work, lambda: len(rows_of('changes')), seed=2)
        await_mirror()
        sequences = sorted(row[0] for row in rows_of('changes'))
        events = self.rpc.ListEvents(parent='-', page_size=1000, order_by='event_time desc').events
        later = [e.sequence for e in events if '/licenses/' in e.change.resource and e.sequence > first]
        self.assertGreaterEqual(len(later), 20)
        self.assertEqual(sequences, sorted(later))

    def licenses(self):
        found, token = {}, ''
        while True:
            page = self.rpc.ListLicenses(parent='customers/-', page_size=1000, page_token=token)
            found.update({one.name: one.units for one in page.licenses})
            token = page.next_page_token
            if not token:
                return found


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is signed; now and then it fails."""

    def __init__(self, secret):
        self.secret, self.taken, self.refused, self.tries = secret, [], [], 0
        super().__init__(('127.0.0.1', 0), Handler)


class Handler(http.server.BaseHTTPRequestHandler):

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if len(body) < int(self.headers['Content-Length']):
            return  # killed while it sent
        server = self.server
        server.tries += 1
        stamp, digest = (part.split('=', 1)[1] for part in self.headers['LMP-Signature'].split(','))
        wanted = hmac.new(server.secret, stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(digest, wanted) and abs(time.time() - int(stamp)) < 60
        status = 401 if not good else 503 if server.tries % 3 == 0 else 204
        if status == 204:
            message = json.loads(body)
            server.taken.append((self.headers['LMP-Delivery'], [int(e['sequence']) for e in message['events']]))
        elif status == 401:
            server.refused.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args):
        pass


class BridgeTest(ConsumerTestCase):

    def test_a_bridge_delivers_everything_in_order_signed_and_again_until_it_is_taken(self):
        receiver = Receiver(b'a secret of both')
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        secret, token = self.directory / 'secret', self.directory / 'token'
        secret.write_text('a secret of both\n')
        token.write_text('earliest')

        def work():
            for i in range(30):
                for attempt in range(100):
                    try:
                        create_customer(self.client, f'told-{i}-{attempt}')
                        time.sleep(0.2)
                        break
                    except Exception:  # noqa: BLE001: the server was killed
                        time.sleep(0.1)

        url = f'http://127.0.0.1:{receiver.server_address[1]}/hook'
        self.with_kills(lambda: self.program('webhook_bridge.py', self.server.target, url, secret, token), work,
                        lambda: len(receiver.taken))
        self.await_history()
        head = self.rpc.GetHistoryHead().sequence
        wait_until(lambda: receiver.taken and receiver.taken[-1][1][-1] == head, 60, 'all was delivered')
        self.assertEqual(receiver.refused, [])
        self.assertGreater(receiver.tries, len(receiver.taken))
        once, sequences = set(), []
        for delivery, events in receiver.taken:
            if delivery not in once:
                once.add(delivery)
                sequences += events
        self.assertEqual(sequences, list(range(1, head + 1)), 'each once, in order, for who looks at LMP-Delivery')


if __name__ == '__main__':
    unittest.main()
