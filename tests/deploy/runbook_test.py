"""The commands of deploy/README.md, run in order as they stand there; only the names of machines, ports and directories
are others here, and what is not ours (systemctl, the password that mariadb asks for) is played."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import lmp_server
from lmp_server import BIN, LmpServer, make_catalog, wait_until
from private_database import PrivateDatabase, free_port
from processes import child_environment

DEPLOY = pathlib.Path(__file__).parents[2] / 'deploy'
# Blocks that this test does not run, by how they begin, and who does.
ELSEWHERE = {
    'apt-get install ./build/packages/': 'deploy.packages, on a bare machine',
    'kubectl create namespace lmp': 'deploy.kubernetes renders and checks what it would apply',
    "jq 'select(.x_request_id": 'observe.call_log',
    'jq -rs': 'here, on its own',
}
SYSTEMCTL = '''#!/usr/bin/python3 -B
# A systemd with one unit: lmp-server, as its file starts it.
import json, os, pathlib, signal, subprocess, sys, time
here = pathlib.Path(os.environ['RUNBOOK_MACHINE'])
pid_file, log = here / 'pid', here / 'server.log'
verb = [a for a in sys.argv[1:] if not a.startswith('-')]
assert verb[1:] == ['lmp-server'], sys.argv


def serving():
    return log.exists() and [line for line in log.read_text().splitlines() if '"message":"serving"' in line]


def alive(pid):
    try:  # who was left by his parent may stay as a zombie
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def stop():
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    os.kill(pid, signal.SIGTERM)
    while alive(pid):
        time.sleep(0.05)
    pid_file.unlink()


def start():
    before = len(serving() or [])
    with open(log, 'ab') as out:
        process = subprocess.Popen(['setsid', 'lmp-server', 'serve', '--config', here / 'etc' / 'server.toml'],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    pid_file.write_text(str(process.pid))
    while len(serving() or []) == before:  # as Type=notify
        if process.poll() is not None:
            sys.exit(f'it ended: {log.read_text()[-2000:]}')
        time.sleep(0.05)


if verb[0] in ('stop', 'restart'):
    stop()
if verb[0] in ('start', 'enable', 'restart'):
    start()
if verb[0] == 'reload':
    told = log.read_text().count('the settings were read again')
    os.kill(int(pid_file.read_text()), signal.SIGHUP)
    end = time.monotonic() + 20
    while log.read_text().count('the settings were read again') == told:
        assert time.monotonic() < end, log.read_text()[-2000:]
        time.sleep(0.05)
'''
# What mariadb's programs would ask for on a terminal is nothing here, and the host is one of two sockets.
MARIADB = '''#!/usr/bin/python3 -B
import os, sys
name = os.path.basename(sys.argv[0])
args = [a for a in sys.argv[1:] if a != '-p']
assert len(args) == len(sys.argv) - 2, 'the page asks for the password'
host = args.index('-h')
socket = {sockets}[args[host + 1]]
args[host:host + 2] = ['--socket', socket]
os.execv({programs}[name], [name, '--no-defaults', *args])
'''


def page():
    return (DEPLOY / 'README.md').read_text()


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


class PageTest(unittest.TestCase):
    def test_every_block_of_commands_is_run_by_somebody(self):
        for section, commands in blocks(page(), ''):
            self.assertTrue([start for start in ELSEWHERE if commands.startswith(start)], f'{section}: {commands}')
        self.assertGreater(len(blocks(page(), 'sh')), 12)

    def test_the_packages_are_installed_on_a_bare_machine_as_the_page_says(self):
        script = (DEPLOY.parent / 'tests/deploy/packages_on_bare_machine.sh').read_text()
        commands = next(c for _, c in blocks(page(), '') if c.startswith('apt-get install ./build/packages/'))
        for line in commands.splitlines():
            if line.startswith('setpriv'):  # as_lmp is the same; the runbook's test migrates
                self.assertIn('as_lmp() { setpriv --reuid lmp --regid lmp --init-groups', script)
            elif line.startswith('apt-get'):
                self.assertRegex(script, r'install \./lmp-server_\*\.deb')

    def test_what_kubernetes_is_given_is_what_the_overlay_wants(self):
        commands = next(c for _, c in blocks(page(), '') if c.startswith('kubectl create namespace'))
        manifests = ''.join(p.read_text() for p in (DEPLOY / 'kubernetes').rglob('*.yaml'))
        for secret in re.findall(r'secret generic (\S+)', commands):
            self.assertIn(secret, manifests)
        overlay = re.search(r'apply -k (\S+)', commands).group(1)
        self.assertTrue((DEPLOY.parent / overlay / 'kustomization.yaml').exists())


class RunbookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            temporary = lmp_server.TemporaryDirectory()
            stack.callback(temporary.remove)
            cls.directory = temporary.path
            cls.databases = {}
            for host in ('db.example', 'db-new.example'):
                place = cls.directory / host
                place.mkdir(mode=0o711)
                cls.certificate(place / 'db', host)
                (place / 'db.key').chmod(0o644)  # mariadbd may run as another user
                database = PrivateDatabase(place)
                stack.callback(database.kill)
                database.start(f'--ssl-cert={place}/db.pem', f'--ssl-key={place}/db.key')
                cls.databases[host] = database
            cls.machines = [cls.machine(1), cls.machine(2)]
            stack.callback(lambda: [cls.end(m) for m in cls.machines])
            cls.programs()
            cls.files_of_the_operator()
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def certificate(cls, path, name):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '30', '-subj', f'/CN={name}', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost',
                        '-keyout', f'{path}.key', '-out', f'{path}.pem'], check=True, capture_output=True)

    @classmethod
    def machine(cls, number):
        place = cls.directory / f'machine-{number}'
        (place / 'etc').mkdir(parents=True)
        shutil.copy(DEPLOY / 'package' / 'server.toml', place / 'etc')
        return dict(place=place, port=free_port())

    @staticmethod
    def end(machine):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((machine['place'] / 'pid').read_text()), 9)

    @classmethod
    def programs(cls):
        programs = {name: shutil.which(name) for name in ('mariadb', 'mariadb-dump')}
        for name, path in programs.items():
            if not path:
                raise unittest.SkipTest(f'no {name} here: apt-get install mariadb-client')
        sockets = {host: str(database.socket) for host, database in cls.databases.items()}
        cls.bin = cls.directory / 'bin'
        cls.bin.mkdir()
        (cls.bin / 'systemctl').write_text(SYSTEMCTL)
        for name in programs:
            with_root = MARIADB.replace('{sockets}', repr(sockets)).replace('{programs}', repr(programs))
            (cls.bin / name).write_text(with_root)
        for name in ('lmp', 'lmp-server'):
            (cls.bin / name).symlink_to(BIN / name)
        (cls.bin / 'chgrp').write_text('#!/bin/sh\n')  # there is no group lmp
        # install -m MODE -g lmp …, without the group
        (cls.bin / 'install').write_text('#!/bin/sh\n[ "$3 $4" = "-g lmp" ] && mode=$2 && shift 4 && '
                                         'exec /usr/bin/install -m "$mode" "$@"\n')
        for file in cls.bin.iterdir():
            if not file.is_symlink():
                file.chmod(0o755)

    @classmethod
    def files_of_the_operator(cls):
        """What the page says is there before."""
        cls.desk = cls.directory / 'desk'
        cls.desk.mkdir()
        text = (DEPLOY / 'mysql' / 'grants.sql').read_text()
        for user, word in (('MIGRATE', 'migrate word'), ('SERVE', 'serve word')):
            text = text.replace(f'CHANGE-ME-{user}', word)
            (cls.desk / f'{user.lower()}-password').write_text(word + '\n')
        (cls.desk / 'grants.sql').write_text(text)
        shutil.copy(cls.directory / 'db.example' / 'db.pem', cls.desk / 'db-ca.pem')
        # The same authority for both, or the servers would need another file: the page says nothing of that.
        with open(cls.desk / 'db-ca.pem', 'a') as both:
            both.write((cls.directory / 'db-new.example' / 'db.pem').read_text())
        for name in ('server', 'new-server'):
            cls.certificate(cls.desk / name, 'lmp')
        with open(cls.desk / 'ca.pem', 'w') as ca:
            ca.writelines((cls.desk / f'{name}.pem').read_text() for name in ('server', 'new-server'))

    def run_block(self, commands, machine=0):
        place = self.machines[machine]
        text = commands
        for name, here in (('server-1.example:8443', f'127.0.0.1:{self.machines[0]["port"]}'),
                           ('0.0.0.0:8443', f'0.0.0.0:{place["port"]}'), ('/etc/lmp', str(place['place'] / 'etc')),
                           *((f'{host}:3306', f'127.0.0.1:{database.port}')
                             for host, database in self.databases.items())):
            text = text.replace(name, here)
        # Between the two places of the database the page changes one name for the other.
        env = child_environment({'PATH': f'{self.bin}:{os.environ["PATH"]}', 'RUNBOOK_MACHINE': str(place['place']),
                                 **self.exported})
        text += '\nenv -0 > "$RUNBOOK_MACHINE/env"'
        done = subprocess.run(['bash', '-euo', 'pipefail', '-c', text], cwd=self.desk, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8', timeout=120)
        log = place['place'] / 'server.log'
        self.assertEqual(done.returncode, 0, f'{commands}\n{done.stdout}{done.stderr}'
                         f'{log.read_text()[-2000:] if log.exists() else ""}')
        variables = dict(v.split('=', 1) for v in (place['place'] / 'env').read_text().split('\0') if '=' in v)
        self.exported.update({k: v for k, v in variables.items() if k.startswith('LMP_')})
        return done.stdout

    def lmp(self, *args):
        done = subprocess.run([BIN / 'lmp', *args], cwd=self.desk, env=child_environment(self.exported),
                              stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8', timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_page_from_its_first_command_to_its_last(self):
        self.exported = {}
        said = {}
        for section, commands in blocks(page(), 'sh'):
            with contextlib.ExitStack() as stack:
                before = getattr(self, 'before_' + re.sub(r'\W+', '_', section.lower()), None)
                if before:
                    before()
                for machine in self.machines_of(section, commands):
                    said[section] = said.get(section, '') + self.run_block(commands, machine)
                after = getattr(self, 'after_' + re.sub(r'\W+', '_', section.lower()), None)
                if after:
                    stack.callback(after, said[section])
        self.assertIn(' 0 violations', said['Is all well?'])

    @staticmethod
    def machines_of(section, commands):
        if section == 'Another server':
            return [1]
        if section == 'Upgrade, and roll back' and commands.startswith('systemctl'):
            return [1, 0]
        return [0]

    def after_the_first_server(self, said):
        if 'ADMIN' not in said:  # the block before: there is no key yet
            return
        target = self.exported['LMP_SERVER']
        done = subprocess.run([DEPLOY / 'demo/catalog.sh'], cwd=self.desk, stdin=subprocess.DEVNULL,
                              env=child_environment({**self.exported, 'PATH': f'{self.bin}:{os.environ["PATH"]}'}),
                              capture_output=True, encoding='utf-8', timeout=120)
        self.assertEqual(done.returncode, 0, f'{target}: {done.stderr}')

    def after_back_up(self, said):
        self.assertGreater((self.desk / 'lmp.sql').stat().st_size, 20_000)
        self.assertIn('hash', (self.desk / 'head.json').read_text())
        self.lmp('assign', 'bakery', 'hes-annual', '--units', '7')  # what the restore takes back

    def after_restore(self, said):
        self.assertIn(' 0 violations', said)
        self.assertNotIn('hosted-email-security', self.lmp('license', 'list', 'bakery'))
        self.assertIn('worry-free-services-advanced', self.lmp('license', 'list', 'bakery'))

    def before_another_server(self):
        shutil.copytree(self.machines[0]['place'] / 'etc', self.machines[1]['place'] / 'etc', dirs_exist_ok=True)
        file = self.machines[1]['place'] / 'etc' / 'server.toml'
        file.write_text(file.read_text().replace(str(self.machines[0]['place']), str(self.machines[1]['place']))
                        .replace(f':{self.machines[0]["port"]}', f':{self.machines[1]["port"]}'))

    def after_another_server(self, said):
        second = {**self.exported, 'LMP_SERVER': f'127.0.0.1:{self.machines[1]["port"]}'}
        done = subprocess.run([BIN / 'lmp', 'license', 'check', 'bakery', 'worry-free-services-advanced'],
                              cwd=self.desk, env=child_environment(second), capture_output=True, encoding='utf-8',
                              timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def before_a_new_certificate(self):
        self.old = self.served_certificate()

    def after_a_new_certificate(self, said):
        wait_until(lambda: self.served_certificate() != self.old, 20, 'the new certificate is served')
        self.lmp('whoami')

    def served_certificate(self):
        done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{self.machines[0]["port"]}'],
                              stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8', timeout=30)
        return re.search(r'-----BEGIN CERTIFICATE-----.*?-----END', done.stdout, re.DOTALL).group(0)

    def after_a_new_key_of_license_tokens(self, said):
        self.assertEqual(len(json.loads((self.desk / 'keys.json').read_text())['keys']), 2)

    def after_a_new_api_key(self, said):
        self.assertIn('shop, new', said)
        self.assertIn('CHECKER', said)

    def before_move_the_database(self):
        """All servers are stopped, says the page."""
        self.run_block('systemctl stop lmp-server', 1)

    def after_move_the_database(self, said):
        self.assertIn(' 0 violations', said)
        self.databases['db.example'].kill()  # nobody needs it any more
        self.assertIn('worry-free-services-advanced', self.lmp('license', 'list', 'bakery'))


class SlowestMethodsTest(unittest.TestCase):
    def test_the_page_says_how_to_find_them(self):
        if not shutil.which('jq'):
            self.skipTest('no jq here')
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        server = LmpServer(temporary.path)
        self.addCleanup(server.kill)
        server.start()
        with server.client() as client:
            make_catalog(client)
        commands = next(c for _, c in blocks(page(), '') if c.startswith('jq -rs'))
        self.assertEqual(server.stop(), 0)
        done = subprocess.run(['bash', '-c', commands], cwd=temporary.path, capture_output=True, encoding='utf-8',
                              timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'(?m)^\d+\t\d+\tlmp\.v1\.LicensingService/CreateServicePlan$')


if __name__ == '__main__':
    unittest.main()
