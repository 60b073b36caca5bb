"""The story and the races on Oracle's MySQL instead of MariaDB: on the mysqld that LMP_MYSQLD names, or one that is
installed."""

import os
import pwd
import shutil
import socket
import subprocess
import unittest

import concurrency_test
import lmp_server
import story_test
from lmp_server import LmpServer

PASSWORD = 'correct horse+battery/staple'


def oracle_mysqld():
    """Its path, or None. Debian's mysqld is a link to mariadbd."""
    path = os.environ.get('LMP_MYSQLD') or shutil.which('mysqld', path=os.environ['PATH'] + ':/usr/sbin')
    if path is None:
        return None
    version = subprocess.run([path, '--version'], capture_output=True, encoding='utf-8', timeout=60).stdout
    return path if version and 'MariaDB' not in version else None


class Mysqld:
    """A mysqld of the test's own: an empty database, and a user for it alone."""

    def __init__(self, directory, program):
        self.directory = directory / 'mysqld'
        self.program = program
        self.user = None
        self.process = None
        self.directory.mkdir()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam('nobody')
            self.user = (nobody.pw_uid, nobody.pw_gid)
            os.chown(self.directory, *self.user)

    def start(self):
        def run(*args):
            return lmp_server.popen([self.program, '--no-defaults', f'--datadir={self.directory}/data', *args],
                                    user=self.user, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log)

        with open(self.directory / 'log', 'wb') as log:
            self.process = run('--initialize-insecure')
            if self.process.wait(lmp_server.START_TIMEOUT) != 0:
                raise AssertionError(self.log())
            with socket.socket() as s:
                s.bind(('127.0.0.1', 0))
                self.port = s.getsockname()[1]
            self.process = run('--bind-address=127.0.0.1', f'--port={self.port}', f'--socket={self.directory}/s',
                               '--mysqlx=OFF', f'--pid-file={self.directory}/pid', '--skip-log-bin',
                               '--innodb-flush-log-at-trx-commit=2')
        lmp_server.wait_until(self._greets, lmp_server.START_TIMEOUT, 'mysqld greets')
        self.sql("CREATE DATABASE lmp CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
                 f"CREATE USER lmp@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON lmp.* TO lmp@'127.0.0.1'")
        return f'mysql://lmp@127.0.0.1:{self.port}/lmp'

    def log(self):
        return (self.directory / 'log').read_text(errors='replace')[-3000:]

    def _greets(self):
        if self.process.poll() is not None:
            raise AssertionError(self.log())
        try:
            return self.sql('SELECT 1')
        except AssertionError:
            return False

    def sql(self, statement):
        return lmp_server.mariadb(['--socket', self.directory / 's', '--user=root'], statement)


class OnMysql:
    """Mix in before a ServerTestCase."""

    @classmethod
    def make_server(cls, stack):
        program = oracle_mysqld()
        if program is None:
            raise unittest.SkipTest('no Oracle MySQL here')
        database = Mysqld(cls.directory, program)
        stack.callback(lambda: lmp_server.kill(database.process))
        return LmpServer(cls.directory, ['--auto-migrate'], database=['--mysql-url', database.start()],
                         env={'LMP_MYSQL_PASSWORD': PASSWORD})


class MysqlStoryTest(OnMysql, story_test.StoryTest):
    pass


class MysqlConcurrencyTest(OnMysql, concurrency_test.ConcurrencyTest):
    pass


if __name__ == '__main__':
    unittest.main()
