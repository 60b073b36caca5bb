"""What python_client_test.py leaves out: python3-grpcio across a restart of the server, on the same port and
database."""

import threading
import unittest

import lmp_server
from lmp_server import (ServerTestCase, assign_request, call_error, call_with_retries, create_customer, customer_api,
                        licensing_api, new_customer, new_request_id)

CAS = {'cloud-app-security': 5}


class RestartTest(ServerTestCase, unittest.TestCase):

    def restart(self, while_away=lambda: None):
        self.assertEqual(self.server.stop(), 0)
        while_away()
        self.server.start()

    def subscriptions(self, customer):
        return list(call_with_retries(self.client.licensing.ListSubscriptions,
                                      licensing_api.ListSubscriptionsRequest(parent=customer)).subscriptions)

    def test_a_request_of_before_the_restart_is_answered_again_and_not_done_again(self):
        customer = create_customer(self.client, 'replayed')
        request = assign_request(customer, 'cas-annual', CAS, request_id=new_request_id())
        first = self.client.licensing.AssignServicePlan(request)
        self.restart()
        again, call = call_with_retries(self.client.licensing.AssignServicePlan.with_call, request)
        self.assertEqual(again, first)
        self.assertEqual(dict(call.trailing_metadata())['lmp-replayed'], 'true')
        self.assertEqual([s.name for s in self.subscriptions(customer)], [first.subscription.name])

    def test_a_request_to_a_server_that_is_away_is_unavailable_and_done_once_when_it_is_back(self):
        customer = create_customer(self.client, 'patient')
        request = assign_request(customer, 'cas-annual', CAS, request_id=new_request_id())
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(
            call_with_retries(self.client.licensing.AssignServicePlan.with_call, request)))

        def ask():
            error = call_error(self.client.licensing.AssignServicePlan, request, timeout=5)
            self.assertEqual(error.code.name, 'UNAVAILABLE')
            waiting.start()

        self.restart(ask)
        waiting.join(60)
        (response, call), = answers
        self.assertNotIn('lmp-replayed', dict(call.trailing_metadata()))
        self.assertEqual([s.name for s in self.subscriptions(customer)], [response.subscription.name])

    def test_pages_go_on_after_the_restart(self):
        names = [create_customer(self.client, f'page-{i}') for i in range(5)]
        found, token = [], ''
        while True:
            request = customer_api.ListCustomersRequest(page_size=2, page_token=token)
            page = call_with_retries(self.client.customers.ListCustomers, request)
            found += [c.name for c in page.customers]
            token = page.next_page_token
            if not token:
                break
            if len(found) == 2:
                self.restart()
        self.assertEqual([n for n in found if 'page-' in n], names)

    def test_a_refusal_after_the_restart_has_its_details(self):
        self.restart()
        request = customer_api.CreateCustomerRequest(customer=new_customer(country='Germany'))
        with self.assertRaises(lmp_server.grpc.RpcError) as raised:
            call_with_retries(self.client.customers.CreateCustomer, request)
        error = lmp_server.Error(raised.exception)
        self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'customer.country'}))


if __name__ == '__main__':
    unittest.main()
