"""The story on grpc-js: JavaScript, with stubs that @grpc/proto-loader makes from our protos at run time."""

import pathlib
import shutil
import unittest

import tools
from client_test_case import PROTO, ClientTestCase


class NodeClientTest(ClientTestCase, unittest.TestCase):

    @classmethod
    def command(cls):
        packages = tools.node_client() / 'node_modules'
        script = pathlib.Path(__file__).parent / 'node' / 'client.js'
        return [shutil.which('node'), script, PROTO], {'NODE_PATH': str(packages)}


if __name__ == '__main__':
    unittest.main()
