"""Many callers at once: one customer never gets a product twice, one request_id never acts twice."""

import collections
import unittest

import grpc

import lmp_server
from lmp_server import (ServerTestCase, assign_request, call_error, create_customer, customer_api, in_parallel,
                        licensing_api, new_customer, new_request_id)

CAS = 'cloud-app-security'


class ConcurrencyTest(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Several connections: the calls of one would come in order.
        cls.clients = [cls.server.client() for _ in range(8)]
        for client in cls.clients:
            cls.addClassCleanup(client.channel.close)

    def all_at_once(self, count, call):
        """call(client, i) for each i < count, all in flight together."""
        return in_parallel(lambda i: call(self.clients[i % len(self.clients)], i), range(count), threads=count)

    def test_100_assigns_of_one_product_end_with_one_license_and_99_clear_refusals(self):
        customer = create_customer(self.client, 'contended')
        plans = [('cas-monthly', {CAS: 5}), ('cas-annual', {CAS: 5}),
                 ('suite-annual', {CAS: 5, 'worry-free-services': 5})]

        def assign(client, i):
            plan, units = plans[i % len(plans)]
            try:
                return client.licensing.AssignServicePlan(assign_request(customer, plan, units,
                                                                         request_id=new_request_id()), timeout=30)
            except grpc.RpcError as e:
                return lmp_server.Error(e)

        outcomes = self.all_at_once(100, assign)
        refusals = [o for o in outcomes if isinstance(o, lmp_server.Error)]
        self.assertEqual(len(refusals), 99, collections.Counter(map(str, refusals)))
        winner, = [o for o in outcomes if not isinstance(o, lmp_server.Error)]
        license_name = next(l.name for l in winner.subscription.licenses if l.product == f'products/{CAS}')
        for refusal in refusals:
            self.assertEqual((refusal.code, refusal.reason),
                             (grpc.StatusCode.FAILED_PRECONDITION, 'CROSSGRADE_REQUIRED'), refusal)
            self.assertIn(license_name, [d.license for d in refusal.duplicates], 'it names the license that was first')
        licenses = self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=customer)).licenses
        self.assertEqual([l.name for l in licenses if l.product == f'products/{CAS}'], [license_name])
        self.assertEqual(len(licenses), len(winner.subscription.licenses))

    def test_the_case_of_a_request_id_does_not_count(self):
        customer = create_customer(self.client, 'capital')
        name = self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual',
                                                                      {CAS: 5})).subscription.name

        def renew(request_id, as_kept=None):
            if as_kept is not None:
                self.server.sql(f"UPDATE requests SET request_id = '{as_kept}' WHERE LOWER(request_id) = "
                                f"'{request_id.lower()}'")
            response, call = self.client.licensing.RenewSubscription.with_call(
                licensing_api.RenewSubscriptionRequest(name=name, request_id=request_id), timeout=30)
            return response, dict(call.trailing_metadata()).get('lmp-replayed')

        small = new_request_id()
        first = renew(small)
        self.assertEqual(first[1], None)
        for again in (small.upper(), small.title(), small):
            self.assertEqual(renew(again), (first[0], 'true'), again)
        # An older server kept it as it came.
        self.assertEqual(renew(small.upper(), as_kept=small.upper()), (first[0], 'true'))
        # Nothing is decided again from what is kept, but what was refused is.
        refused = licensing_api.RenewSubscriptionRequest(name=name + 'x', request_id=new_request_id())
        self.assertEqual(call_error(self.client.licensing.RenewSubscription, refused).reason, 'SUBSCRIPTION_NOT_FOUND')
        refused.name = name
        response, call = self.client.licensing.RenewSubscription.with_call(refused, timeout=30)
        self.assertNotIn('lmp-replayed', dict(call.trailing_metadata()))

    def test_a_request_id_in_capitals_of_a_roll_out_is_the_same(self):
        customer = create_customer(self.client, 'rolled-out')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'suite-annual',
                                                               {CAS: 5, 'worry-free-services': 7}))
        small = new_request_id()
        request = licensing_api.BatchApplyPlanUpdatesRequest(service_plan='servicePlans/suite-annual', request_id=small)
        first = self.client.licensing.BatchApplyPlanUpdates(request)
        request.request_id = small.upper()
        self.assertEqual(self.client.licensing.BatchApplyPlanUpdates(request), first)

    def test_one_request_id_50_times_has_one_effect_and_50_equal_answers(self):
        customer = create_customer(self.client, 'insistent')
        request = assign_request(customer, 'suite-annual', {CAS: 5, 'worry-free-services': 7},
                                 request_id=new_request_id())

        def assign(client, _):
            response, call = client.licensing.AssignServicePlan.with_call(request, timeout=30)
            return response.SerializeToString(deterministic=True), dict(call.trailing_metadata()).get('lmp-replayed')

        outcomes = self.all_at_once(50, assign)
        self.assertEqual(len({answer for answer, _ in outcomes}), 1)
        self.assertEqual(collections.Counter(replayed for _, replayed in outcomes), {'true': 49, None: 1})
        listing = licensing_api.ListSubscriptionsRequest(parent=customer)
        subscriptions = self.client.licensing.ListSubscriptions(listing).subscriptions
        self.assertEqual(len(subscriptions), 1)
        licenses = self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=customer)).licenses
        self.assertEqual(len(licenses), 2)

    def test_crossgrades_back_and_forth_lose_no_license(self):
        customer = create_customer(self.client, 'restless')
        first = self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual',
                                                                       {CAS: 1})).subscription.licenses[0]

        def crossgrade(client, i):
            request = assign_request(customer, ('cas-monthly', 'cas-annual')[i % 2], {CAS: i + 2},
                                     request_id=new_request_id(),
                                     crossgrade=licensing_api.Crossgrade(mode='AUTOMATIC'))
            return client.licensing.AssignServicePlan(request, timeout=30).subscription.licenses[0]

        moved = self.all_at_once(40, crossgrade)
        self.assertEqual({l.name for l in moved}, {first.name})
        self.assertEqual(sorted(l.units for l in moved), list(range(2, 42)))
        listing = licensing_api.ListSubscriptionsRequest(parent=customer)
        subscriptions = self.client.licensing.ListSubscriptions(listing).subscriptions
        self.assertEqual(len(subscriptions), 41)
        current, = [s for s in subscriptions if s.state == s.ACTIVE]
        self.assertEqual([l.name for l in current.licenses], [first.name])
        replaced_by = collections.Counter(s.replaced_by for s in subscriptions)
        self.assertEqual(set(replaced_by.values()), {1}, 'each took over from exactly one')

    def test_one_external_id_goes_to_one_of_many_customers(self):
        def create(client, _):
            try:
                request = customer_api.CreateCustomerRequest(customer=new_customer(external_id='crm-1'),
                                                             request_id=new_request_id())
                return client.customers.CreateCustomer(request, timeout=30).name
            except grpc.RpcError as e:
                return lmp_server.Error(e)

        outcomes = self.all_at_once(40, create)
        refusals = [o for o in outcomes if isinstance(o, lmp_server.Error)]
        self.assertEqual({r.reason for r in refusals}, {'EXTERNAL_ID_TAKEN'}, refusals)
        self.assertEqual(len(refusals), 39)

    def test_a_poisoned_neighbour_harms_nobody(self):
        """Good calls and refused ones of many kinds, in the same batches."""
        names = [create_customer(self.client, f'neighbour-{i:02}') for i in range(30)]

        def call(client, i):
            if i % 2:
                bad = (assign_request(names[i // 2], 'cas-annual', {CAS: -1}),
                       assign_request('customers/nobody', 'cas-annual', {CAS: 5}),
                       assign_request(names[i // 2], 'gone', {CAS: 5}),
                       assign_request(names[i // 2], 'cas-nfr', {CAS: 5}))
                return call_error(client.licensing.AssignServicePlan, bad[i // 2 % len(bad)], timeout=30).code
            return client.licensing.AssignServicePlan(assign_request(names[i // 2], 'cas-annual', {CAS: i + 1}),
                                                      timeout=30)

        outcomes = self.all_at_once(60, call)
        self.assertEqual([r.subscription.licenses[0].units for r in outcomes[::2]], list(range(1, 61, 2)))
        for i, name in enumerate(names):
            license, = self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=name)).licenses
            self.assertEqual(license.units, 2 * i + 1)

    def test_zz_every_invariant_holds_afterwards(self):
        """The last by name."""
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()


if __name__ == '__main__':
    unittest.main()
