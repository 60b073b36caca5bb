"""The `lmp` tool on a terminal, as at a partner's desk: what is saved is what was shown, and what ends things is asked
for."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
import unittest

import lmp_server
from story_test import CliTestCase


class Terminal:
    """`lmp ARGS…` on a terminal of its own, of so many columns; one types and reads."""

    def __init__(self, cli, *args, width=120):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, width, 0, 0))
        self.process = subprocess.Popen([str(lmp_server.BIN / 'lmp'), *args], env=cli.env, stdin=slave, stdout=slave,
                                        stderr=slave)
        os.close(slave)
        self.text = ''

    def _read(self, timeout):
        """False at the end."""
        if not select.select([self.master], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.text += data.decode(errors='replace').replace('\r\n', '\n')
        return bool(data)

    def expect(self, text, timeout=30):
        """Waits for a text after what was expected before, and gives what came until then."""
        deadline = time.monotonic() + timeout
        while text not in self.text:
            if time.monotonic() > deadline or not self._read(0.2):
                raise AssertionError(f'no {text!r} in {self.text!r}')
        before, self.text = self.text.split(text, 1)
        return before

    def type(self, line):
        os.write(self.master, (line + '\n').encode())

    def end(self):
        """What is left, and the exit code."""
        while self._read(30):
            pass
        os.close(self.master)
        return self.text, self.process.wait(30)


class DeskTest(CliTestCase):

    def test_what_is_saved_is_what_was_shown(self):
        self.create_customer('saver')
        subscription = self.cli.json('assign', 'saver', 'cas-monthly', '--units', '10')['subscription']['name']
        terminal = Terminal(self.cli, 'assign', 'saver', 'suite-annual')
        terminal.expect('now 10): [10]')
        terminal.type('25')
        terminal.expect('Units of worry free services')
        terminal.type('30')
        self.assertIn('units: 10 → 25', terminal.expect('Save? [y/N]'))
        self.cli.ok('subscription', 'update', subscription, '--units', '12')  # in another window
        terminal.type('y')
        terminal.expect('This changed since the preview')
        self.assertIn('units: 12 → 25', terminal.expect('Save? [y/N]'))
        self.assertEqual(self.licenses('saver')['cloud-app-security'][0]['units'], 12, 'nothing is saved yet')
        terminal.type('y')
        text, code = terminal.end()
        self.assertEqual(code, 0, text)
        self.assertIn('changed:', text)
        self.assertEqual(self.licenses('saver')['cloud-app-security'][0]['units'], 25)

    def test_what_ends_things_is_shown_and_asked_for(self):
        self.create_customer('ender')
        subscription = self.cli.json('assign', 'ender', 'cas-monthly', '--units', '10')['subscription']['name']
        terminal = Terminal(self.cli, 'subscription', 'cancel-all', 'ender')
        self.assertIn('state: ACTIVE → DISABLED', terminal.expect('Go on? [y/N]'))
        terminal.type('n')
        text, code = terminal.end()
        self.assertEqual((code, 'Nothing was changed.' in text), (0, True), text)
        self.assertEqual(self.cli.json('subscription', 'get', subscription)['state'], 'ACTIVE')

        terminal = Terminal(self.cli, 'subscription', 'cancel-all', 'ender')
        terminal.expect('Go on? [y/N]')
        self.cli.ok('assign', 'ender', 'wfs-annual', '--units', '5')  # in another window
        terminal.type('y')
        self.assertIn('changed since the preview', terminal.expect('Go on? [y/N]'))
        self.assertEqual(self.cli.json('subscription', 'get', subscription)['state'], 'ACTIVE')
        terminal.type('y')
        self.assertEqual(terminal.end()[1], 0)
        self.assertEqual({s['state'] for s in self.cli.json('subscription', 'list', 'ender')}, {'DISABLED'})

    def test_tables_fit_the_terminal_and_what_they_show_is_taken(self):
        self.create_customer('narrow')
        name = self.cli.json('assign', 'narrow', 'cas-monthly', '--units', '10')['subscription']['licenses'][0]['name']
        text, code = Terminal(self.cli, 'license', 'list', 'narrow', width=80).end()
        self.assertEqual(code, 0, text)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, text)
        shown = next(word for word in text.split() if word.startswith('narrow/'))
        self.assertEqual(self.cli.json('license', 'get', shown)['name'], name)
        self.assertIn(name, self.cli.ok('license', 'list', 'narrow'), 'elsewhere nothing is shortened')


if __name__ == '__main__':
    unittest.main()
