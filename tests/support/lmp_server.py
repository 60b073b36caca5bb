"""What the Python tests share: an `lmp-server` process of the test's own, and a client for it.

Everything a test starts listens on loopback or a Unix socket, lives in one temporary directory, dies with the test
(also when the test is killed), and is removed in the end.
"""

import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys

import grpc
from google.type import date_pb2

# Tests import what they need of all these from here.
from api_client import (Client, Error, NOT_SERVING, SERVING, START_TIMEOUT, call_error, call_with_retries, from_date,
                        in_parallel, new_request_id, to_date, today)
from assign_load import AssignLoad
import health_pb2
from lmp.v1 import customer_service_pb2 as customer_api
from lmp.v1 import licensing_service_pb2 as licensing_api
from lmp.v1 import errors_pb2
from lmp.v1.partner_pb2 import Partner
from lmp.v1.product_pb2 import Product
from processes import TemporaryDirectory, child_environment, kill, popen, wait_until
from small_catalog import PARTNER, PLANS, assign_request, create_customer, make_catalog, new_customer

BIN = pathlib.Path(os.environ['LMP_TEST_BIN'])
STOP_TIMEOUT = 60  # seconds


def run_server_command(*args, env=None, timeout=60):
    """`lmp-server ARGS…` to its end."""
    return subprocess.run([str(BIN / 'lmp-server'), *map(str, args)], env=child_environment(env), capture_output=True,
                          encoding='utf-8', timeout=timeout)


class LmpServer:
    """`lmp-server serve` on an embedded database below `directory`, or with the database arguments given."""

    def __init__(self, directory, args=(), database=None, env=None, listen='127.0.0.1:0', subcommand='serve'):
        self.directory = pathlib.Path(directory)
        self.database_directory = self.directory / 'db'
        self.database = database or ['--embedded-mysql', self.database_directory]
        self.args = list(args)
        self.env = env
        self.listen = listen
        self.subcommand = subcommand
        self.log_path = self.directory / 'server.log'
        self.process = None
        self.serving = None  # its log line of that name
        self.port = None

    @property
    def target(self):
        return f'127.0.0.1:{self.port}'

    @property
    def socket(self):
        """The embedded database's."""
        return (self.database_directory / 'lock').read_text().splitlines()[1]

    def start(self, wait=True):
        """Starts it, again on the same port after a stop; waits for the log line that has the port."""
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, 'ab') as log:
            self.process = popen([BIN / 'lmp-server', self.subcommand, *self.database, '--listen', self.listen,
                                  *self.args],
                                 env=child_environment(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_serving()
        return self

    def wait_serving(self):
        def serving():
            if self.process.poll() is not None:
                raise AssertionError(f'lmp-server ended with {self.process.returncode}: {self.log_text()[-3000:]}')
            return next((e for e in self.log_entries(self._log_start) if e['message'] == 'serving'), None)

        self.serving = wait_until(serving, START_TIMEOUT, 'lmp-server says "serving"')
        self.port = self.serving['port']
        self.listen = self.listen.rsplit(':', 1)[0] + f':{self.port}'

    def log_text(self, start=0):
        with open(self.log_path, 'rb') as log:
            log.seek(start)
            return log.read().decode()

    def log_entries(self, start=0):
        """Whole lines of the log, parsed; a line that is not JSON fails the test."""
        return [json.loads(line) for line in self.log_text(start).splitlines(keepends=True) if line.endswith('\n')]

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM, and the exit code."""
        self.terminate()
        return self.process.wait(STOP_TIMEOUT)

    def kill(self):
        kill(self.process)

    def client(self, **kwargs):
        client = Client(self.target, **kwargs)
        with contextlib.suppress(grpc.RpcError):  # a first attempt to connect may fail under load
            client.health.Check(health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True)
        return client

    def check(self):
        """`lmp-server check` on the same database; not while an embedded one is being served."""
        return run_server_command('check', *self.database, env=self.env)

    def database_pid(self):
        """The embedded database's process, or None. It says so itself, in run/mysqld.pid."""
        try:
            pid = int((self.database_directory / 'run' / 'mysqld.pid').read_text())
            argv = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes()
        except (OSError, ValueError):
            return None
        return pid if b'mariadbd' in argv or b'mysqld' in argv else None

    def sql(self, statement, schema='lmp'):
        """Rows of a statement, asked of the embedded database behind the server's back."""
        return mariadb(['--socket', self.socket, '--user=root', schema], statement)

    def await_history(self):
        """Until every event has its place in the history, some milliseconds after its change."""
        left = 'SELECT COUNT(*) FROM events WHERE sequence = 0'
        wait_until(lambda: self.sql(left) == [['0']], 10, 'all events have their sequence')


def mariadb(args, statement, env=None):
    done = subprocess.run(['mariadb', '--no-defaults', '--batch', '--skip-column-names', *map(str, args)],
                          input=statement, env=child_environment(env), capture_output=True, encoding='utf-8',
                          errors='backslashreplace', timeout=60)
    if done.returncode != 0:
        raise AssertionError(f'mariadb: {done.stderr}')
    return [line.split('\t') for line in done.stdout.splitlines()]


class Cli:
    """The `lmp` tool, aimed at a server."""

    def __init__(self, target, env=None):
        self.env = child_environment({'LMP_SERVER': target, **(env or {})})

    def run(self, *args, timeout=60):
        return subprocess.run([str(BIN / 'lmp'), *map(str, args)], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, encoding='utf-8', timeout=timeout)

    def ok(self, *args):
        """Standard output of a command that must succeed."""
        done = self.run(*args)
        if done.returncode != 0:
            raise AssertionError(f'lmp {" ".join(map(str, args))}: exit code {done.returncode}\n{done.stderr}')
        return done.stdout

    def json(self, *args):
        return json.loads(self.ok(*args, '-o', 'json'))


class ServerTestCase:
    """Mix into unittest.TestCase: each class has a server, a client and the catalog; after a failed test comes the
    end of the server's log."""

    server_args = ()
    with_catalog = True

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            directory = TemporaryDirectory()
            stack.callback(directory.remove)
            cls.directory = directory.path
            cls.server = cls.make_server(stack)
            stack.callback(lambda: cls.server.kill())
            cls.server.start()
            cls.client = stack.enter_context(cls.server.client())
            cls.client.wait_healthy()
            if cls.with_catalog:
                make_catalog(cls.client)
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def make_server(cls, stack):
        return LmpServer(cls.directory, cls.server_args)

    def tearDown(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            print(''.join(self.server.log_text().splitlines(keepends=True)[-20:]), file=sys.stderr)
        super().tearDown()

    def await_history(self):
        self.server.await_history()

    def settled_log(self):
        """The log's entries of all calls answered by now. Lines may be some milliseconds late
        (server/observe/log_writer.h), but come in order, so this makes a call of its own and waits for its line,
        which is the next entry."""
        mark = new_request_id()
        self.client.customers.ListPartners(customer_api.ListPartnersRequest(page_size=1),
                                           metadata=[('x-request-id', mark)])

        def reached():
            entries = self.server.log_entries()
            return next((entries[:i] for i, entry in enumerate(entries) if entry.get('x_request_id') == mark), None)

        return wait_until(reached, 5, 'the line of a call')

    def assert_check_finds_nothing(self):
        """The invariants hold on the database of the stopped server."""
        done = self.server.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r'\b[1-9]\d* rows checked, 0 violations')
