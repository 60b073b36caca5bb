"""Lists, page by page: everything once, in order, and tokens that are good for their own list only."""

import base64
import unittest

from python_client_case import Code, PythonClientTestCase
from lmp_server import assign_request, call_error, create_customer, customer_api, licensing_api


class PagesTest(PythonClientTestCase):
    COUNT = 25
    SIZE = 7

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = [create_customer(cls.client, f'listed-{i:02}') for i in range(cls.COUNT)]
        for name in cls.names:
            cls.client.licensing.AssignServicePlan(assign_request(name, 'suite-annual',
                                                                  {'cloud-app-security': 5, 'worry-free-services': 5}))

    def customers(self, **fields):
        return self.client.customers.ListCustomers(customer_api.ListCustomersRequest(**fields))

    def pages(self, list_page, items):
        """The sizes of all pages, and all items."""
        sizes, found, token = [], [], ''
        while True:
            page = list_page(token)
            found += getattr(page, items)
            sizes.append(len(getattr(page, items)))
            token = page.next_page_token
            if not token:
                return sizes, found

    def test_pages_hold_everything_once_and_in_order(self):
        sizes, found = self.pages(lambda t: self.customers(page_size=self.SIZE, page_token=t), 'customers')
        self.assertEqual((sizes, [c.name for c in found]), ([7, 7, 7, 4], self.names))
        list_licenses = self.client.licensing.ListLicenses
        sizes, found = self.pages(lambda t: list_licenses(licensing_api.ListLicensesRequest(
            parent='customers/-', page_size=self.SIZE, page_token=t)), 'licenses')
        self.assertEqual(sizes, [7] * 7 + [1])
        self.assertEqual(len({l.name for l in found}), 2 * self.COUNT)
        list_subscriptions = self.client.licensing.ListSubscriptions
        sizes, found = self.pages(lambda t: list_subscriptions(licensing_api.ListSubscriptionsRequest(
            parent='customers/-', page_size=self.SIZE, page_token=t)), 'subscriptions')
        self.assertEqual((sizes, [len(s.licenses) for s in found]), ([7, 7, 7, 4], [2] * self.COUNT))

    def test_pages_of_the_exact_size_end_without_an_empty_one(self):
        sizes, _ = self.pages(lambda t: self.customers(page_size=5, page_token=t), 'customers')
        self.assertEqual(sizes, [5] * 5)
        self.assertEqual(self.customers(page_size=1_000_000).next_page_token, '')
        self.assertEqual(len(self.customers().customers), self.COUNT)

    def test_zz_what_comes_between_pages_moves_nothing_else(self):
        """The last by name: the others count the customers."""
        first = self.customers(page_size=self.SIZE)
        extra = create_customer(self.client, 'aaaa-first')
        second = self.customers(page_size=self.SIZE, page_token=first.next_page_token)
        self.assertEqual([c.name for c in second.customers], self.names[7:14])
        self.assertEqual([c.name for c in self.customers().customers], [extra, *self.names])

    def assert_refused(self, **fields):
        error = call_error(self.customers, **fields)
        self.assert_error(error, Code.INVALID_ARGUMENT, 'PAGE_TOKEN_INVALID')
        self.assertEqual(set(error.fields), {'page_token'})

    def test_a_token_is_good_for_its_own_call_only(self):
        token = self.customers(page_size=self.SIZE).next_page_token
        self.assert_refused(page_token=token, show_deleted=True)
        error = call_error(self.client.customers.ListPartners, customer_api.ListPartnersRequest(page_token=token))
        self.assert_error(error, Code.INVALID_ARGUMENT, 'PAGE_TOKEN_INVALID')
        self.assertEqual(len(self.customers(page_size=3, page_token=token).customers), 3, 'the size may change')

    def test_a_token_that_was_tampered_with_is_refused(self):
        token = self.customers(page_size=self.SIZE).next_page_token
        for other in ('x', 'AAAA', token[:-4], token + 'AAAA', token * 2, 'ä', '\n', 'A' * 4000):
            self.assert_refused(page_token=other)
        padded = token + '=' * (-len(token) % 4)
        raw = bytearray(base64.urlsafe_b64decode(padded))
        for i in range(len(raw)):
            changed = bytes(raw[:i]) + bytes([raw[i] ^ 1]) + bytes(raw[i + 1:])
            with self.subTest(byte=i):
                self.assert_refused(page_token=base64.urlsafe_b64encode(changed).decode().rstrip('='))

    def test_a_negative_size_is_refused(self):
        error = call_error(self.customers, page_size=-1)
        self.assertEqual((error.code, set(error.fields)), (Code.INVALID_ARGUMENT, {'page_size'}))


if __name__ == '__main__':
    unittest.main()
