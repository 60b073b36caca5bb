"""deploy/observe: a server, a Prometheus and some load; what it prints is there, and nothing is left behind."""

import os
import pathlib
import re
import subprocess
import unittest

import prometheus
from lmp_server import BIN
from processes import child_environment

ROOT = pathlib.Path(__file__).parents[2]


class ObserveTest(unittest.TestCase):
    def test_it_shows_what_it_saw(self):
        prometheus.require()
        done = subprocess.run([ROOT / 'deploy/observe', '--once', '--bin', BIN, '8'], cwd=ROOT,
                              env=child_environment({'TMPDIR': os.environ.get('TMPDIR', '/tmp')}),
                              stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8', timeout=150)
        said = done.stdout
        self.assertEqual(done.returncode, 0, said + done.stderr)
        for part in (r'== Look at: http://127\.0\.0\.1:\d+/graph',
                     r'\n +\S+ +\{code="OK", method="lmp\.v1\.\S+/CheckLicense"\}',
                     r'\{code="NOT_FOUND", method="\S+/GetCustomer"\}', r'\{statement="[A-Z]+ [a-z_]+"\}',
                     r'Alerts that fire: none', r'"message":"call"', r'worker="renewals"'):
            self.assertRegex(said, part)
        left = re.search(r'/tmp/lmp-observe-\w+', said)
        self.assertFalse(pathlib.Path(left.group(0)).exists(), 'its directory is gone')

    def test_what_it_does_not_take(self):
        done = subprocess.run([ROOT / 'deploy/observe', 'much'], capture_output=True, encoding='utf-8', timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('usage: deploy/observe', done.stderr)


if __name__ == '__main__':
    unittest.main()
