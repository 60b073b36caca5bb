"""The story with grpcurl, a client in Go that knows the server by reflection alone, in a shell script."""

import os
import pathlib
import unittest

import tools
from client_test_case import ClientTestCase


class GrpcurlClientTest(ClientTestCase, unittest.TestCase):

    @classmethod
    def command(cls):
        path = f'{tools.grpcurl().parent}:{os.environ["PATH"]}'
        return ['bash', pathlib.Path(__file__).parent / 'grpcurl' / 'client.sh'], {'PATH': path}


if __name__ == '__main__':
    unittest.main()
