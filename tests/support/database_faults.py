"""A database that can be taken away, locked, changed or made to fail behind a server's back."""

import contextlib
import os
import signal
import subprocess
import time

import lmp_server
from lmp_server import LmpServer, ServerTestCase

USER = 'tenant_k7'  # occurs nowhere else, so that it is noticed in a text
PASSWORD = 'quiet-harbour-93'


class BorrowedDatabase:
    """The embedded database of one server, the lender, for another that has its URL and an ordinary user there."""

    def __init__(self, directory):
        directory.mkdir()
        directory.chmod(0o711)
        self.lender = LmpServer(directory, ['--time-worker', '0'])

    def start(self):
        self.lender.start()
        self.sql(f"CREATE USER {USER}@localhost IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON lmp.* TO {USER}@localhost")
        return self

    def end(self):
        self.lender.kill()

    @property
    def arguments(self):
        return ['--mysql-url', f'mysql://{USER}@localhost/lmp?socket={self.lender.socket}']

    def sql(self, statement):
        return self.lender.sql(statement)

    @contextlib.contextmanager
    def gone(self):
        """Killed; its lender, who would start it again, sleeps meanwhile."""
        self.lender.process.send_signal(signal.SIGSTOP)
        os.kill(self.lender.database_pid(), signal.SIGKILL)
        try:
            lmp_server.wait_until(lambda: self.lender.database_pid() is None, 10, 'the database is gone')
            yield
        finally:
            self.lender.process.send_signal(signal.SIGCONT)
            lmp_server.wait_until(self._answers, 30, 'the database is back')

    @contextlib.contextmanager
    def gone_in_a_commit(self):
        """As gone(), in the middle of a borrower's COMMIT: somebody else lets nothing be committed until then."""
        with self._session("BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT; SELECT 'held'"):
            lmp_server.wait_until(lambda: self.sql("SELECT id FROM information_schema.processlist WHERE "
                                                   f"user = '{USER}' AND info = 'COMMIT'"), 20, 'somebody commits')
            with self.gone():
                yield

    def _answers(self):
        try:
            return self.sql('SELECT 1')
        except AssertionError:
            return False

    @contextlib.contextmanager
    def altered(self, change, undo):
        """After the statements of `change`, until those of `undo`."""
        self.sql(change)
        try:
            yield
        finally:
            self.sql(undo)

    @contextlib.contextmanager
    def reconnected(self, change, undo):
        """What only new sessions notice: those of the borrowers are ended each time."""
        try:
            with self.altered(change, undo):
                self.end_sessions()
                yield
        finally:
            self.end_sessions()

    def end_sessions(self):
        for session, in self.sql(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'"):
            with contextlib.suppress(AssertionError):  # it may have ended by itself
                self.sql(f'KILL {session}')

    def read_only(self):
        return self.altered('SET GLOBAL read_only = ON', 'SET GLOBAL read_only = OFF')

    def small_packets(self):
        """As small as they may be for what is sent mostly."""
        return self.reconnected('SET GLOBAL max_allowed_packet = 4096', 'SET GLOBAL max_allowed_packet = 16777216')

    def failing(self, number, sqlstate, text, table='customers'):
        """Each new row of the table fails with this error of the database's."""
        return self.altered(f"CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW SIGNAL SQLSTATE '{sqlstate}' "
                            f"SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = '{text}'", 'DROP TRIGGER fault')

    def waiting(self):
        """Whether a borrower looks again and again whether a row is still locked: else nearly nothing is executed."""
        def executed():
            return int(self.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])
        before = executed()
        time.sleep(0.3)
        return executed() - before >= 4

    def locked(self, rows):
        """Another session holds rows: "customers WHERE customer_id = 'acme'"."""
        return self._session(f"BEGIN; SELECT 'held' FROM {rows} FOR UPDATE")

    @contextlib.contextmanager
    def _session(self, statements):
        """One that has run these, of which the last says 'held', and does nothing more."""
        session = lmp_server.popen(['mariadb', '--no-defaults', '--batch', '--skip-column-names', '--unbuffered',
                                    '--socket', self.lender.socket, '--user=root', 'lmp'],
                                   env=lmp_server.child_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   encoding='utf-8')
        try:
            session.stdin.write(statements + ';\n')
            session.stdin.flush()
            if session.stdout.readline() != 'held\n':
                raise AssertionError(f'nothing is held by: {statements}')
            yield
        finally:
            session.kill()  # which rolls back
            session.communicate()


class BorrowingServerTestCase(ServerTestCase):
    """Mix into unittest.TestCase: the class's server works on a BorrowedDatabase, `cls.database`."""

    @classmethod
    def make_server(cls, stack):
        cls.database = BorrowedDatabase(cls.directory / 'lender')
        stack.callback(cls.database.end)
        cls.database.start()
        return cls.make_borrower('server', cls.server_args)

    @classmethod
    def make_borrower(cls, name, args=()):
        """One more server on the same database."""
        directory = cls.directory / name
        directory.mkdir()
        return LmpServer(directory, args, database=cls.database.arguments, env={'LMP_MYSQL_PASSWORD': PASSWORD})

    @classmethod
    def start_another(cls):
        """One more like the class's server, until the class ends."""
        another = cls.make_borrower('other', cls.server_args).start()
        cls.addClassCleanup(another.kill)
        return another
