"""Many at once, and once only: plan updates of a whole plan, batches of a customer, registration keys."""

import datetime
import unittest

import grpc

import lmp_server
from lmp_server import (Cli, ServerTestCase, assign_request, call_error, create_customer, from_date, new_request_id,
                        to_date, today)
from lmp.v1 import (crossgrade_pb2 as crossgrade_api, customer_service_pb2 as customer_api,
                    licensing_service_pb2 as api, product_pb2, registration_key_pb2 as key_api, service_plan_pb2,
                    subscription_pb2, subscription_verbs_pb2 as verbs)

AUTOMATIC = crossgrade_api.Crossgrade(mode=crossgrade_api.Crossgrade.AUTOMATIC)


def units(**by_product):
    return [crossgrade_api.LicenseUnits(product=f"products/{p.replace('_', '-')}", units=n) for p,
            n in by_product.items()]


class Batches(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cli = Cli(cls.server.target)

    def setUp(self):
        self.licensing = self.client.licensing

    def make_suite(self, name, *components):
        self.licensing.CreateProduct(api.CreateProductRequest(product_id=name, product=product_pb2.Product(
            display_name=name, kind='SUITE', components=[f'products/{c}' for c in components])))
        plan = self.licensing.CreateServicePlan(api.CreateServicePlanRequest(
            service_plan_id=f'{name}-plan', service_plan=service_plan_pb2.ServicePlan(
                display_name=name, partner=lmp_server.PARTNER, product=f'products/{name}', initial_term_months=12,
                auto_renewal=True)))
        return plan.name

    def change_suite(self, name, add=(), remove=(), approve=True):
        self.licensing.ChangeSuiteComponents(api.ChangeSuiteComponentsRequest(
            name=f'products/{name}', add_components=[f'products/{c}' for c in add],
            remove_components=[f'products/{c}' for c in remove]))
        if approve:
            self.licensing.ApproveServicePlan(api.ApproveServicePlanRequest(name=f'servicePlans/{name}-plan'))

    def assign(self, customer, plan, **fields):
        return self.licensing.AssignServicePlan(assign_request(customer, plan, **fields)).subscription

    def subscription(self, name):
        return self.licensing.GetSubscription(api.GetSubscriptionRequest(name=name))

    def reason(self, method, request):
        return call_error(method, request).reason

    def test_all_subscriptions_of_a_plan_are_brought_up_to_it_page_by_page(self):
        plan = self.make_suite('rollout', 'cloud-app-security', 'worry-free-services')
        subscriptions = [self.assign(create_customer(self.client, f'rollout-{i}'), 'rollout-plan',
                                     units={'cloud-app-security': 10 + i, 'worry-free-services': 20}) for i in range(7)]
        other = self.assign('customers/rollout-3', 'hes-annual', units={'hosted-email-security': 5})
        self.change_suite('rollout', add=['hosted-email-security'], approve=False)
        self.assertEqual(self.reason(self.licensing.BatchApplyPlanUpdates,
                                     verbs.BatchApplyPlanUpdatesRequest(service_plan=plan)),
                         'PLAN_LOCKED')
        self.licensing.ApproveServicePlan(api.ApproveServicePlanRequest(name=plan))
        self.assertTrue(self.subscription(subscriptions[0].name).updates_available)

        request = verbs.BatchApplyPlanUpdatesRequest(service_plan=plan, page_size=3, request_id=new_request_id())
        preview = verbs.BatchApplyPlanUpdatesRequest(service_plan=plan, page_size=3, validate_only=True)
        previewed = self.licensing.BatchApplyPlanUpdates(preview)
        self.assertEqual(len([c for c in previewed.changes if c.created]), 3, 'a new license each')
        self.assertTrue(self.subscription(subscriptions[0].name).updates_available, 'a preview changes nothing')

        pages, results = [], []
        while True:
            page = self.licensing.BatchApplyPlanUpdates(request)
            again = self.licensing.BatchApplyPlanUpdates(request)
            self.assertEqual(page, again, 'the same request_id and page: the same answer')
            pages.append(page)
            results.extend(page.results)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.assertEqual([p.remaining_count for p in pages], [4, 1, 0])
        self.assertEqual([r.subscription for r in results], [s.name for s in subscriptions])
        refused = [r for r in results if r.HasField('error')]
        self.assertEqual([(r.subscription, r.error.code) for r in refused], [(subscriptions[3].name, 9)])
        self.assertIn('hosted email security', refused[0].error.message)
        done = self.subscription(subscriptions[6].name)
        added = next(l for l in done.licenses if l.product.endswith('hosted-email-security'))
        self.assertEqual((added.units, from_date(added.expiration_date), done.updates_available),
                         (20, from_date(done.expiration_date), False), 'as many as the largest, to the same day')

        request = verbs.BatchApplyPlanUpdatesRequest(service_plan=plan, crossgrade=AUTOMATIC)
        rest = self.licensing.BatchApplyPlanUpdates(request)
        self.assertEqual((rest.up_to_date_count, [r.subscription for r in rest.results],
                          rest.results[0].HasField('error')),
                         (6, [subscriptions[3].name], False))
        replaced = self.subscription(other.name)
        self.assertEqual((subscription_pb2.Subscription.State.Name(replaced.state), replaced.replaced_by),
                         ('DISABLED', subscriptions[3].name))
        moved = next(l for l in self.subscription(subscriptions[3].name).licenses
                     if l.product.endswith('hosted-email-security'))
        self.assertEqual((moved.name, moved.units), (other.licenses[0].name, 5), 'it keeps its name and its units')

    def test_removed_component_becomes_unbundled_and_units_can_be_given(self):
        self.make_suite('shrinking', 'cloud-app-security', 'worry-free-services')
        one = self.assign(create_customer(self.client, 'shrink'), 'shrinking-plan',
                          units={'cloud-app-security': 10, 'worry-free-services': 20})
        self.change_suite('shrinking', add=['endpoint-encryption'], remove=['cloud-app-security'])
        apply = verbs.ApplyPlanUpdatesRequest(name=one.name, units=units(endpoint_encryption=1000))
        self.assertEqual(self.reason(self.licensing.ApplyPlanUpdates, apply), 'INVALID_FIELDS')
        apply = verbs.ApplyPlanUpdatesRequest(name=one.name, units=units(endpoint_encryption=7))
        done = self.licensing.ApplyPlanUpdates(apply)
        self.assertEqual([l.product for l in done.unbundled_licenses], ['products/cloud-app-security'])
        self.assertEqual(done.unbundled_licenses[0].subscription, '')
        self.assertEqual({l.product: l.units for l in done.subscription.licenses},
                         {'products/endpoint-encryption': 7, 'products/worry-free-services': 20})
        self.assertEqual(self.reason(self.licensing.ApplyPlanUpdates, verbs.ApplyPlanUpdatesRequest(name=one.name)),
                         'PLAN_UP_TO_DATE')
        self.assertIn('PLAN_UP_TO_DATE', self.cli.run('subscription', 'apply-updates', one.name).stderr)
        self.assertIn('1 had nothing to apply', self.cli.run('plan', 'apply-updates', 'shrinking-plan').stderr)

    def test_one_verb_for_all_subscriptions_of_a_customer(self):
        customer = create_customer(self.client, 'many')
        a = self.assign(customer, 'cas-monthly', units={'cloud-app-security': 10})
        b = self.assign(customer, 'hes-annual', units={'hosted-email-security': 10})
        trial = self.assign(create_customer(self.client, 'trial'), 'cas-trial', units={'cloud-app-security': 1})
        end = today() + datetime.timedelta(days=500)
        together = verbs.BatchUpdateSubscriptionsRequest(parent=customer, update=verbs.UpdateSubscriptionRequest(
            align=crossgrade_api.Alignment(expiration_date=to_date(end))), request_id=new_request_id())
        done = self.licensing.BatchUpdateSubscriptions(together)
        self.assertEqual({from_date(r.subscription.expiration_date) for r in done.results}, {end})
        self.assertEqual(self.licensing.BatchUpdateSubscriptions(together), done)

        suspend = verbs.BatchUpdateSubscriptionsRequest(parent=customer, suspend=verbs.SuspendSubscriptionRequest())
        done = self.licensing.BatchUpdateSubscriptions(suspend)
        self.assertEqual([r.subscription.name for r in done.results], [a.name])
        self.assertEqual([s.subscription for s in done.skipped], [b.name], 'it has auto-renewal off')
        named = verbs.BatchUpdateSubscriptionsRequest(parent=customer, subscriptions=[a.name, b.name],
                                                      unsuspend=verbs.UnsuspendSubscriptionRequest())
        self.assertEqual(self.reason(self.licensing.BatchUpdateSubscriptions, named), 'WRONG_STATE')
        self.assertEqual(self.subscription(a.name).state, subscription_pb2.Subscription.SUSPENDED, 'all or none')
        del named.subscriptions[1]
        self.licensing.BatchUpdateSubscriptions(named)
        self.assertEqual(self.subscription(a.name).state, subscription_pb2.Subscription.ACTIVE)

        wrong = verbs.BatchUpdateSubscriptionsRequest(parent=customer, subscriptions=[trial.name],
                                                      renew=verbs.RenewSubscriptionRequest(term_months=99, etag='1'))
        error = call_error(self.licensing.BatchUpdateSubscriptions, wrong)
        self.assertEqual({v for v in error.fields}, {'subscriptions[0]', 'renew'})
        self.assertEqual(self.reason(self.licensing.BatchUpdateSubscriptions,
                                     verbs.BatchUpdateSubscriptionsRequest(parent=customer)), 'INVALID_FIELDS')

        preview = self.cli.ok('subscription', 'cancel-all', 'many', '--product', 'cloud-app-security', '--dry-run')
        self.assertIn('SUBSCRIPTION_CANCELED', preview)
        self.cli.ok('subscription', 'cancel-all', 'many')
        self.assertEqual({self.subscription(s.name).state for s in (a, b)}, {subscription_pb2.Subscription.DISABLED})

    def test_a_key_is_redeemed_once(self):
        created = self.cli.json('key', 'create', 'cas-annual', '--units', 'cloud-app-security=10', '--note',
                                'trade fair')
        self.assertEqual((created['state'], created['partner']), ('ISSUED', lmp_server.PARTNER))
        self.assertIn(created['name'].split('/')[1], self.cli.ok('key', 'list', 'cas-annual'))
        customers = [create_customer(self.client, f'redeemer-{i}') for i in range(16)]

        def redeem(customer):
            with self.server.client() as client:
                try:
                    return client.licensing.RedeemRegistrationKey(key_api.RedeemRegistrationKeyRequest(
                        name=created['name'], customer=customer, request_id=new_request_id()), wait_for_ready=True)
                except grpc.RpcError as error:
                    return lmp_server.Error(error).reason

        answers = lmp_server.in_parallel(redeem, customers, 16)
        won = [a for a in answers if not isinstance(a, str)]
        self.assertEqual(len(won), 1)
        self.assertEqual(len(set(a for a in answers if isinstance(a, str))), 1, answers)
        self.assertEqual((won[0].subscription.licenses[0].units, won[0].registration_key.subscription),
                         (10, won[0].subscription.name))
        self.assertIn('REDEEMED', self.cli.ok('key', 'get', created['name'].split('/')[1]))
        self.assertEqual(self.reason(self.licensing.VoidRegistrationKey,
                                     key_api.VoidRegistrationKeyRequest(name=created['name'])), 'WRONG_STATE')

    def test_keys_that_cannot_be_redeemed(self):
        def create(**fields):
            return self.licensing.CreateRegistrationKey(key_api.CreateRegistrationKeyRequest(
                registration_key=key_api.RegistrationKey(service_plan='servicePlans/cas-annual', **fields)))

        customer = create_customer(self.client, 'keyless')
        for wrong, reason in (({}, 'INVALID_FIELDS'),
                              (dict(units=units(cloud_app_security=10), expire_date=to_date(today())),
                               'DATE_OUT_OF_RANGE')):
            error = call_error(create, **wrong)
            self.assertEqual(error.reason, reason)
        key = create(units=units(cloud_app_security=10))
        other = self.client.customers.CreatePartner(customer_api.CreatePartnerRequest(
            partner_id='stranger', partner=lmp_server.Partner(display_name='Stranger', tier='DISTRIBUTOR')))
        foreign = create_customer(self.client, 'foreign', partner=other.name)
        redeem = self.licensing.RedeemRegistrationKey
        self.assertEqual(self.reason(redeem, key_api.RedeemRegistrationKeyRequest(name=key.name, customer=foreign)),
                         'CUSTOMER_NOT_FOUND')
        self.assertEqual(self.reason(redeem, key_api.RedeemRegistrationKeyRequest(name='registrationKeys/nothing',
                                                                                  customer=customer)),
                         'REGISTRATION_KEY_NOT_FOUND')
        preview = redeem(key_api.RedeemRegistrationKeyRequest(name=key.name, customer=customer, validate_only=True))
        self.assertEqual({c.event_kind for c in preview.changes}, {'REGISTRATION_KEY_REDEEMED'})
        self.cli.ok('key', 'void', key.name.split('/')[1])
        error = call_error(redeem, key_api.RedeemRegistrationKeyRequest(name=key.name, customer=customer))
        self.assertEqual((error.reason, error.metadata['state']), ('WRONG_STATE', 'VOIDED'))


if __name__ == '__main__':
    unittest.main()
