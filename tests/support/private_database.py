"""A database that is not a server's own, reached over TCP with a password and the least privileges."""

import os
import pwd
import shutil
import socket
import subprocess
import unittest

import lmp_server

PASSWORD = 'correct horse+battery/staple'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class PrivateDatabase:
    """A mariadbd of the test's own on a loopback port."""

    def __init__(self, directory):
        self.directory = directory / 'mariadb'
        self.directory.mkdir()
        self.user = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam('nobody')
            self.user = (nobody.pw_uid, nobody.pw_gid)
            os.chown(self.directory, *self.user)
        self.socket = self.directory / 's'
        self.process = None
        self.port = free_port()

    def start(self, *args, programs=None):
        """Also again after kill(). `programs`: a directory of programs that it may call."""
        if 'LMP_TEST_MYSQLD' in os.environ:
            raise unittest.SkipTest('the program to test with is no MariaDB')
        as_nobody = ['--user=nobody'] if self.user else []
        if not (self.directory / 'data').exists():
            subprocess.run(['mariadb-install-db', '--no-defaults', f'--datadir={self.directory}/data', '--skip-test-db',
                            '--auth-root-authentication-method=normal', *as_nobody], check=True, capture_output=True,
                           timeout=60)
        program = shutil.which('mariadbd', path=os.environ['PATH'] + ':/usr/sbin')
        command = [program, '--no-defaults', f'--datadir={self.directory}/data', f'--socket={self.socket}',
                   '--skip-name-resolve', '--bind-address=127.0.0.1', f'--port={self.port}',
                   f'--pid-file={self.directory}/pid', '--skip-log-bin', '--innodb-buffer-pool-size=32M', *args]
        (self.directory / 'command').write_text('\n'.join(command))  # for who starts it anew
        env = lmp_server.child_environment({'PATH': f'{programs}:{os.environ["PATH"]}'} if programs else None)
        with open(self.directory / 'log', 'wb') as log:
            self.process = lmp_server.popen(command, user=self.user, env=env, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        lmp_server.wait_until(self._greets, 60, 'mariadbd greets')
        return self

    def kill(self):
        lmp_server.kill(self.process)

    def _greets(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / 'log').read_text(errors='replace')[-3000:])
        try:
            return self.sql('SELECT 1')
        except AssertionError:
            return False

    def sql(self, statement):
        return lmp_server.mariadb(['--socket', self.socket, '--user=root'], statement)

    def make(self, name):
        """An empty database, and its URL for a user who may do everything in it and nothing else."""
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
                 f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON {name}.* TO "
                 f"{name}@'127.0.0.1'")
        return self.url(name)

    def url(self, name):
        return f'mysql://{name}@127.0.0.1:{self.port}/{name}'
