"""Machines on which the pages of deploy/ are played: two servers' and two databases'. Commands are run as they stand
there; only the names of machines, ports and directories are others here, and what is not ours (systemd, the group lmp,
the password that mariadb asks for) is played."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess

import lmp_server
from lmp_server import BIN
from private_database import PrivateDatabase, free_port
from processes import child_environment

DEPLOY = pathlib.Path(__file__).parents[2] / 'deploy'
DATABASES = ('db.example', 'db-new.example')
PLAYED = pathlib.Path(__file__).parent / 'played'  # programs in the place of the system's


def page(*names):
    return '\n'.join((DEPLOY / name).read_text() for name in names)


def blocks(text, kind):
    """[(section, commands)] of the fences with this word after them."""
    found, section, lines = [], '', None
    for line in text.splitlines():
        if lines is not None:
            if line == '```':
                if fence == kind:
                    found.append((section, '\n'.join(lines)))
                lines = None
            else:
                lines.append(line)
        elif line.startswith('```'):
            fence, lines = line[3:], []
        elif line.startswith('#'):
            section = line.lstrip('# ')
    return found


def certificate(path, name, *args):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-days', '30', '-subj', f'/CN={name}', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost',
                    '-keyout', f'{path}.key', '-out', f'{path}.pem', *args], check=True, capture_output=True)


class Machines:
    """All of them, in one directory, until end(). What the operator has beside, is on the desk."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.exported = {}  # what blocks have exported, for those that follow
        with contextlib.ExitStack() as stack:
            temporary = lmp_server.TemporaryDirectory()
            stack.callback(temporary.remove)
            self.directory = temporary.path
            self.databases = {}
            for host in DATABASES:
                self._start_database(host, stack)
            self.servers = [self._machine(number) for number in (1, 2)]
            stack.callback(lambda: [self.end_server(number) for number in (0, 1)])
            self._lay_out_programs()
            self._lay_out_desk()
            self._stack = stack.pop_all()

    def end(self):
        self._stack.close()

    def _start_database(self, host, stack):
        place = self.directory / host
        place.mkdir(mode=0o711)
        certificate(place / 'db', host)
        (place / 'db.key').chmod(0o644)  # mariadbd may run as another user
        database = PrivateDatabase(place)
        stack.callback(self.end_database, database)
        database.start(f'--ssl-cert={place}/db.pem', f'--ssl-key={place}/db.key')
        self.databases[host] = database

    @staticmethod
    def end_database(database):
        """Also if systemctl has started it anew."""
        database.kill()
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((database.directory / 'pid').read_text()), 9)

    def _machine(self, number):
        place = self.directory / f'machine-{number}'
        (place / 'etc').mkdir(parents=True)
        shutil.copy(DEPLOY / 'package' / 'server.toml', place / 'etc')
        return dict(place=place, port=free_port())

    def end_server(self, number):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.servers[number]['place'] / 'pid').read_text()), 9)

    def log(self, number=0):
        log = self.servers[number]['place'] / 'server.log'
        return log.read_text() if log.exists() else ''

    def _lay_out_programs(self):
        self.bin = self.directory / 'bin'
        shutil.copytree(PLAYED, self.bin)
        for name in ('mariadb', 'mariadb-dump', 'mariadb-backup'):
            if shutil.which(name):
                (self.bin / name).symlink_to(self.bin / 'mariadb_program')
        for name in ('lmp', 'lmp-server'):
            (self.bin / name).symlink_to(BIN / name)

    def _lay_out_desk(self):
        """What the page says is there before."""
        self.desk = self.directory / 'desk'
        self.desk.mkdir()
        text = (DEPLOY / 'mysql' / 'grants.sql').read_text()
        for user, word in (('MIGRATE', 'migrate word'), ('SERVE', 'serve word')):
            text = text.replace(f'CHANGE-ME-{user}', word)
            (self.desk / f'{user.lower()}-password').write_text(word + '\n')
        (self.desk / 'grants.sql').write_text(text)
        # The same authority for both databases, or the servers would need another file: the page says nothing of that.
        (self.desk / 'db-ca.pem').write_text(''.join((self.directory / host / 'db.pem').read_text()
                                                     for host in DATABASES))
        for name in ('server', 'new-server'):
            certificate(self.desk / name, 'lmp')
        with open(self.desk / 'ca.pem', 'w') as ca:
            ca.writelines((self.desk / f'{name}.pem').read_text() for name in ('server', 'new-server'))

    def _names(self, machine):
        """What stands on the page, and what it is here."""
        database = self.databases['db.example']
        return (('server-1.example:8443', f'127.0.0.1:{self.servers[0]["port"]}'),
                ('0.0.0.0:8443', f'0.0.0.0:{machine["port"]}'), ('/etc/lmp', str(machine['place'] / 'etc')),
                ('/var/lib/mysql', str(database.directory / 'data')),
                ('/var/backups/lmp', str(self.directory / 'backup')),
                *((f'{host}:3306', f'127.0.0.1:{at.port}') for host, at in self.databases.items()))

    def run(self, commands, machine=0, careful=True):
        """What a block says. Careful: each command in it must succeed; else only the last."""
        place = self.servers[machine]
        for name, here in self._names(place):
            commands = commands.replace(name, here)
        user = self.databases['db.example'].user
        env = child_environment({
            'PATH': f'{self.bin}:{os.environ["PATH"]}', 'RUNBOOK_MACHINE': str(place['place']),
            'RUNBOOK_DATABASES': ' '.join(f'{host}={at.directory}' for host, at in self.databases.items()),
            'RUNBOOK_DATABASE_USER': f'{user[0]}:{user[1]}' if user else '', **self.exported})
        script = commands + '\nstatus=$?\nenv -0 > "$RUNBOOK_MACHINE/env"\nexit $status'
        done = subprocess.run(['bash', '-euo' if careful else '-uo', 'pipefail', '-c', script], cwd=self.desk, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding='utf-8', timeout=120)
        if done.returncode != 0:
            raise AssertionError(f'{commands}\nexit code {done.returncode}\n{done.stdout}\n{self.log(machine)[-2000:]}')
        variables = dict(v.split('=', 1) for v in (place['place'] / 'env').read_text().split('\0') if '=' in v)
        self.exported.update({k: v for k, v in variables.items() if k.startswith('LMP_')})
        return done.stdout

    def run_program(self, *argv, server=None):
        """Of the operator, at the desk; `server`: the number of the machine that it asks."""
        extra = {} if server is None else {'LMP_SERVER': f'127.0.0.1:{self.servers[server]["port"]}'}
        done = subprocess.run([*map(str, argv)], cwd=self.desk, stdin=subprocess.DEVNULL, capture_output=True,
                              env=child_environment({**self.exported, **extra,
                                                     'PATH': f'{self.bin}:{os.environ["PATH"]}'}),
                              encoding='utf-8', timeout=120)
        if done.returncode != 0:
            raise AssertionError(f'{argv}: exit code {done.returncode}\n{done.stdout}{done.stderr}')
        return done.stdout

    def lmp(self, *args, server=None):
        return self.run_program('lmp', *args, server=server)

    def load_demo(self):
        self.run_program(DEPLOY / 'demo/catalog.sh')

    def served_certificate(self):
        done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{self.servers[0]["port"]}'],
                              stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8', timeout=30)
        return re.search(r'-----BEGIN CERTIFICATE-----.*?-----END', done.stdout, re.DOTALL).group(0)


def hook_name(moment, section):
    return f'{moment}_' + re.sub(r'\W+', '_', section.lower()).strip('_')
