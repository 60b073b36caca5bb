"""The reason of a change, in the header `lmp-reason`: kept with its event, a text like any other, of limited length."""

import unittest

from lmp_server import ServerTestCase, call_error, new_customer
from rpc import Rpc, broken_promises


class ChangeReasonTest(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)

    def reason_of(self, header):
        name = self.rpc.CreateCustomer(customer=new_customer()).name
        self.rpc.DisableCustomer(name=name, metadata=[('lmp-reason', header)])
        return self.rpc.ListEvents(parent=name, order_by='event_time desc').events[0].reason

    def test_the_reason_of_a_change(self):
        for reason in ('x', 'x' * 499, 'x' * 500):
            self.assertEqual(self.reason_of(reason), reason)
        self.assertEqual(self.reason_of('x' * 501), 'x' * 500, 'the rest is cut off')
        self.assertEqual(self.reason_of('%F0%9F%98%80' * 125), '😀' * 125)

    def test_a_reason_is_a_text_like_any_other(self):
        name = self.rpc.CreateCustomer(customer=new_customer()).name
        for header in ('%00', 'a%0Ab', 'a%1B%5B31m', 'evil%E2%80%AEgpj', '%20a', 'a%20', '%20', 'a%C2%85b'):
            with self.subTest(reason=header):
                error = call_error(self.rpc.DisableCustomer, name=name, metadata=[('lmp-reason', header)])
                self.assertEqual((error.reason, list(error.fields), broken_promises(error)),
                                 ('INVALID_FIELDS', ['lmp-reason'], []))
        self.assertEqual(self.reason_of('x' * 499 + '%20y'), 'x' * 499, 'cut off, and then it ends in no blank')

    def test_the_reason_of_a_change_is_counted_in_characters(self):
        self.assertEqual(self.reason_of('%F0%9F%98%80' * 500), '😀' * 500)


if __name__ == '__main__':
    unittest.main()
