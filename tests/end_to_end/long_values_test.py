"""What is too long is refused before it is logged, by every RPC: nobody fills the log of a server."""

import unittest

import grpc

from lmp_server import ServerTestCase, call_error
from rpc import METHODS, STREAMS, Rpc

LONG = 'x' * 60_000
LONGEST_LINE = 3000  # bytes


class LongValuesTest(ServerTestCase, unittest.TestCase):

    def refused(self, field):
        """Each RPC that has the field, with much too long a text."""
        rpc = Rpc(self.client)
        for name, method in METHODS.items():
            known = method.input_type.fields_by_name.get(field)
            if known is None or name in STREAMS or known.type != known.TYPE_STRING:
                continue
            call, request = rpc.method(name)
            error = call_error(call, request(**{field: LONG}), timeout=20)
            self.assertEqual(error.code, grpc.StatusCode.INVALID_ARGUMENT, f'{name}.{field}: {error}')
            self.assertLess(len(str(error)), LONGEST_LINE, f'{name}.{field}')
            yield name

    def test_no_line_of_the_log_is_long(self):
        for field in 'request_id', 'etag', 'preview_token', 'name', 'parent', 'filter', 'page_token', 'order_by':
            with self.subTest(field=field):
                names = list(self.refused(field))
                self.assertTrue(names)
                if field == 'request_id':
                    self.assertIn('BatchApplyPlanUpdates', names)
        self.settled_log()
        longest = max(self.server.log_text().splitlines(), key=len)
        self.assertLess(len(longest), LONGEST_LINE, longest[:1000])


if __name__ == '__main__':
    unittest.main()
