"""proto/examples/*.sh as a person runs them, one after the other; and every RPC that the server offers has an example.

LMP_GRPCURL says what the `grpcurl` is that they find: the stand-in of tests/support (default), "real", or "buf", which
is `buf curl` inside.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import unittest

import grpc
from google.protobuf import json_format
from google.rpc import status_pb2

import lmp_server
import tools
from grpcurl import Failure, Grpcurl, GrpcurlProcess, Refused
from lmp_server import ServerTestCase

ROOT = pathlib.Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / 'proto' / 'examples').glob('*.sh'))
GRPCURL = os.environ.get('LMP_GRPCURL', 'stand-in')
SCRIPT_TIMEOUT = 60


class BufCurl(Grpcurl):
    """Calls with `buf curl`, which asks the server's reflection by itself."""

    def __init__(self, buf, directory):
        super().__init__()
        self.buf = buf
        self.directory = directory

    def invoke(self, schema, host, method, request, response, metadata):
        if not schema.by_reflection:
            return super().invoke(schema, host, method, request, response, metadata)
        headers = [part for key, value in metadata for part in ('-H', f'{key}: {value}')]
        done = subprocess.run(
            [self.buf, 'curl', '--protocol', 'grpc', '--http2-prior-knowledge', *headers, '-d', '@-',
             f'http://{host}/{method}'],
            input=json_format.MessageToJson(request, descriptor_pool=schema.pool), capture_output=True,
            encoding='utf-8',
            env=lmp_server.child_environment({'HOME': str(self.directory)}), timeout=30)
        if done.returncode == 0:
            return json_format.Parse(done.stdout, response, descriptor_pool=schema.pool)
        if done.returncode < 8:
            raise Failure(done.stderr)
        error = json.loads(done.stderr)
        status = status_pb2.Status(code=grpc.StatusCode[error['code'].upper()].value[0], message=error['message'])
        for detail in error.get('details', ()):
            value = base64.b64decode(detail['value'] + '=' * (-len(detail['value']) % 4))
            status.details.add(type_url=f'type.googleapis.com/{detail["type"]}', value=value)
        raise Refused(status)


class ExamplesTest(ServerTestCase, unittest.TestCase):
    with_catalog = False

    @classmethod
    def setUpClass(cls):
        # First, so that nothing is started only to be skipped.
        cls.tool = {'stand-in': lambda: None, 'real': tools.grpcurl, 'buf': tools.buf}[GRPCURL]()
        super().setUpClass()

    @classmethod
    def make_server(cls, stack):
        key = cls.directory / 'key.pem'
        subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', key], check=True, capture_output=True)
        if GRPCURL == 'real':
            cls.bin = cls.directory / 'bin'
            cls.bin.mkdir()
            (cls.bin / 'grpcurl').symlink_to(cls.tool)
        else:
            grpcurl = BufCurl(cls.tool, cls.directory) if GRPCURL == 'buf' else Grpcurl()
            cls.bin = stack.enter_context(GrpcurlProcess(cls.directory, grpcurl)).bin
        return lmp_server.LmpServer(cls.directory, ['--token-key-file', key])

    def run_script(self, script):
        """As in a terminal, but that no input comes."""
        env = lmp_server.child_environment({'LMP_SERVER': self.server.target,
                                            'PATH': f'{self.bin}:{os.environ["PATH"]}'})
        return subprocess.run(['bash', '-euo', 'pipefail', script], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8',
                              timeout=SCRIPT_TIMEOUT)

    def reflected_methods(self):
        grpcurl = Grpcurl()
        services = grpcurl.run(['-plaintext', self.server.target, 'list'])[1].split()
        own = [s for s in services if not s.startswith('grpc.')]
        self.assertEqual(own, ['lmp.v1.CustomerService', 'lmp.v1.LicensingService'])
        lists = [grpcurl.run(['-plaintext', self.server.target, 'list', service])[1].split() for service in own]
        return {re.sub(r'\.(\w+)$', r'/\1', method) for methods in lists for method in methods}

    def test_every_example_runs_and_every_rpc_has_one(self):
        for script in SCRIPTS:
            done = self.run_script(script)
            self.assertEqual(done.returncode, 0, f'{script.name}:\n{done.stdout[-3000:]}')
        # What the server itself says that it was asked and has done.
        calls = [e for e in self.settled_log() if e['message'] == 'call']
        # A stream ends when its client leaves: it is good if there were messages.
        succeeded = {e['method'] for e in calls if e['code'] == 'OK' or e.get('messages')}
        # That it is too early is all that can be shown: nobody waits for 30 days.
        succeeded |= {e['method'] for e in calls if e.get('reason') == 'ERASURE_TOO_EARLY'}
        self.assertEqual(sorted(self.reflected_methods() - succeeded), [],
                         'these RPCs have no example in proto/examples')
        calls = [e for e in calls if not e.get('messages')]
        self.assertEqual({e['code'] for e in calls}, {'OK', 'FAILED_PRECONDITION', 'INVALID_ARGUMENT'})
        self.assertIn('my-trace-1', [e['x_request_id'] for e in calls])
        self.assertEqual(len([e for e in calls if e['replayed']]), 1, 'the example of a repeated request')


class ScriptsTest(unittest.TestCase):

    def test_each_example_says_what_it_is_for(self):
        for script in SCRIPTS:
            head, *examples = script.read_text().strip().split('\n\n')
            self.assertTrue(head.startswith('#!/bin/bash\n# '), script)
            self.assertTrue(head.endswith('set -euo pipefail\nSERVER=${LMP_SERVER:-localhost:50051}'), script)
            for example in examples:
                self.assertRegex(example, r'\A# [^\n]+\n[^#]', script)
        self.assertTrue(SCRIPTS)


if __name__ == '__main__':
    unittest.main()
