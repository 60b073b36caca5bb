"""A test of the API by python3-grpcio: calls, and what every error carries."""

import unittest

import grpc

from lmp.v1.errors_pb2 import ErrorReason
from lmp_server import ServerTestCase, assign_request, call_error, licensing_api

Code = grpc.StatusCode


class PythonClientTestCase(ServerTestCase, unittest.TestCase):

    def assign(self, customer, plan, units=None, **fields):
        return self.client.licensing.AssignServicePlan(assign_request(customer, plan, units, **fields))

    def assign_error(self, customer, plan, units=None, **fields):
        return call_error(self.client.licensing.AssignServicePlan, assign_request(customer, plan, units, **fields))

    def licenses(self, customer):
        return list(self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=customer)).licenses)

    def assert_error(self, error, code, reason):
        """Code and reason, and the details that every error of this code carries."""
        self.assertEqual((error.code, error.reason, error.domain), (code, reason, 'lmp'), error)
        self.assertEqual((error.status.code, error.status.message), (code.value[0], error.message), error)
        self.assertIn(reason, ErrorReason.keys())
        if code == Code.FAILED_PRECONDITION:
            self.assertEqual([t for t, _ in error.preconditions], [reason], error)
        if code in (Code.NOT_FOUND, Code.ALREADY_EXISTS):
            self.assertIsNotNone(error.resource, error)
        if code in (Code.UNAVAILABLE, Code.ABORTED, Code.RESOURCE_EXHAUSTED):
            self.assertGreater(error.retry_delay or 0, 0, error)
        for word in ('SELECT', 'INSERT', 'MySQL', 'MariaDB', 'errno', '/run/'):
            self.assertNotIn(word, error.message)
