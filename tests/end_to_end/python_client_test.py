"""The API as a client sees it that we did not write: python3-grpcio with stubs made from our protos."""

import datetime
import re
import time
import unittest
import uuid

import grpc

import lmp_server
from lmp.v1.change_pb2 import Change
from lmp.v1.customer_pb2 import Customer
from lmp.v1.license_pb2 import License
from lmp.v1.product_pb2 import Product
from lmp.v1.service_plan_pb2 import ServicePlan
from lmp.v1.subscription_pb2 import Subscription
from python_client_case import PythonClientTestCase
from lmp_server import (assign_request, call_error, create_customer, customer_api, from_date,
                        licensing_api, new_customer, new_request_id, to_date, today)

Crossgrade = licensing_api.Crossgrade
Code = grpc.StatusCode


class StoryTest(PythonClientTestCase):

    def test_a_plan_is_assigned_and_crossgraded(self):
        customer = create_customer(self.client, 'bakery')
        plans = self.client.licensing.ListAssignableServicePlans(
            licensing_api.ListAssignableServicePlansRequest(customer=customer)).plans
        self.assertEqual({p.service_plan.name for p in plans}, {f'servicePlans/{p}' for p in lmp_server.PLANS})
        self.assertTrue(all(p.assignability == p.ASSIGNABLE and p.products for p in plans), plans)

        monthly = self.assign(customer, 'cas-monthly', {'cloud-app-security': 25}).subscription
        old, = monthly.licenses
        self.assertEqual((monthly.service_plan, monthly.state, monthly.auto_renewal, monthly.version),
                         ('servicePlans/cas-monthly', Subscription.ACTIVE, True, ServicePlan.FULL))
        self.assertEqual((old.subscription, old.units, old.unit, old.product_kind),
                         (monthly.name, 25, Product.USER, Product.SERVICE))
        self.assertEqual(from_date(old.start_date), today())
        self.assertEqual(from_date(old.grace_end_date) - from_date(old.expiration_date), datetime.timedelta(days=30))
        self.assertEqual(self.licenses(customer), [old])

        units = {'cloud-app-security': 40, 'worry-free-services': 30}
        error = self.assign_error(customer, 'suite-annual', units)
        self.assert_error(error, Code.FAILED_PRECONDITION, 'CROSSGRADE_REQUIRED')
        duplicate, = error.duplicates
        self.assertEqual((duplicate.product, duplicate.license, duplicate.subscription, list(duplicate.choices)),
                         ('products/cloud-app-security', old.name, monthly.name, ['TRANSFER']))
        self.assertEqual(self.licenses(customer), [old])

        automatic = Crossgrade(mode=Crossgrade.AUTOMATIC)
        preview = self.assign(customer, 'suite-annual', units, crossgrade=automatic, validate_only=True)
        self.assertTrue(preview.changes)
        self.assertEqual(self.licenses(customer), [old], 'a preview saves nothing')
        live = self.assign(customer, 'suite-annual', units, crossgrade=automatic)
        self.assert_alike(preview, live)

        moved = next(l for l in live.subscription.licenses if l.product == old.product)
        self.assertEqual((moved.name, moved.units, moved.subscription), (old.name, 40, live.subscription.name))
        outcome, = live.crossgrade_outcomes
        self.assertEqual((outcome.resolution, outcome.before, outcome.after),
                         (Crossgrade.Resolution.TRANSFER, old, moved))
        replaced, = live.replaced_subscriptions
        self.assertEqual((replaced.name, replaced.state, replaced.replaced_by),
                         (monthly.name, Subscription.DISABLED, live.subscription.name))
        self.assertEqual(self.client.licensing.GetSubscription(
            licensing_api.GetSubscriptionRequest(name=live.subscription.name)), live.subscription)
        self.assertEqual(self.client.licensing.GetLicense(licensing_api.GetLicenseRequest(name=moved.name)), moved)

        check = self.check(customer, 'cloud-app-security')
        self.assertEqual((check.usable, check.state, check.units, check.license), (True, License.ACTIVE, 40, old.name))
        check = self.check(customer, 'endpoint-encryption')
        self.assertEqual((check.usable, check.reason), (False, licensing_api.CheckLicenseResponse.NO_LICENSE))

    def check(self, customer, product):
        return self.client.licensing.CheckLicense(
            licensing_api.CheckLicenseRequest(customer=customer, product=f'products/{product}'))

    def assert_alike(self, preview, live):
        """The same answer, but for what is made anew each time: times, and the ids of what is new."""
        def shape(response):
            copy = licensing_api.AssignServicePlanResponse()
            copy.CopyFrom(response)
            del copy.changes[:]
            copy.preview_token = ''
            text = re.sub(r'_time \{[^}]*\}', '', str(copy))
            return re.sub(rf'/(licenses|subscriptions)/(?!{old_ids})\w+', r'/\1/NEW', text)

        old_ids = '|'.join(re.findall(r'/(\w+)"', str([o.license for o in live.crossgrade_outcomes]))) or 'none'
        self.assertEqual(shape(preview), shape(live))

    def test_a_preview_names_each_change_field_by_field(self):
        customer = create_customer(self.client, 'previewer')
        preview = self.assign(customer, 'cas-annual', {'cloud-app-security': 5}, validate_only=True)
        created = {c.resource.split('/')[-2]: c for c in preview.changes}
        self.assertEqual(set(created), {'subscriptions', 'licenses'})
        self.assertTrue(all(c.created and c.event_kind == 'SERVICE_PLAN_ASSIGNED' for c in preview.changes))
        self.assertIn(('units', '', '5'), [(f.field, f.before, f.after) for f in created['licenses'].fields])
        preview = self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(
            customer=Customer(name=customer, city='Köln'), validate_only=True))
        self.assertEqual([Change(event_kind='CUSTOMER_UPDATED', resource=customer, fields=[
            dict(field='city', before='"Bonn"', after='"Köln"')])], list(preview.changes))
        self.assertEqual(self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=customer)).city, 'Bonn')

    def test_software_has_activation_codes_and_a_choice(self):
        customer = create_customer(self.client, 'workshop')
        first, = self.assign(customer, 'encryption-annual', {'endpoint-encryption': 10}).subscription.licenses
        self.assertTrue(first.activation_code)
        error = self.assign_error(customer, 'encryption-annual', {'endpoint-encryption': 10})
        self.assertEqual(list(error.duplicates[0].choices), ['TRANSFER', 'NEW_LICENSE'])
        resolution = Crossgrade.Resolution(product='products/endpoint-encryption', choice='NEW_LICENSE')
        start = today() + datetime.timedelta(days=100)
        second, = self.assign(customer, 'encryption-annual', {'endpoint-encryption': 20}, start_date=to_date(start),
                              crossgrade=Crossgrade(mode='EXPLICIT', resolutions=[resolution])).subscription.licenses
        self.assertEqual(second.state, License.PENDING)
        self.assertEqual(from_date(second.start_date), start)
        self.assertEqual(sorted(l.name for l in self.licenses(customer)), sorted([first.name, second.name]))

    def test_a_transfer_may_keep_the_later_expiration(self):
        customer = create_customer(self.client, 'keeper')
        old, = self.assign(customer, 'cas-annual', {'cloud-app-security': 5}).subscription.licenses
        shorter = self.assign(customer, 'cas-monthly', {'cloud-app-security': 5}, validate_only=True,
                              crossgrade=Crossgrade(mode='AUTOMATIC'))
        self.assertTrue(shorter.crossgrade_outcomes[0].shortened)
        kept = self.assign(customer, 'cas-monthly', {'cloud-app-security': 5},
                           crossgrade=Crossgrade(mode='AUTOMATIC', expiration='KEEP_LATEST'))
        self.assertFalse(kept.crossgrade_outcomes[0].shortened)
        self.assertEqual(kept.subscription.licenses[0].expiration_date, old.expiration_date)

    def test_nfr_is_fixed_and_held_once(self):
        customer = create_customer(self.client, 'trainer')
        error = self.assign_error(customer, 'cas-nfr', {'cloud-app-security': 5})
        self.assert_error(error, Code.FAILED_PRECONDITION, 'NFR_SETTINGS_FIXED')
        nfr, = self.assign(customer, 'cas-nfr').subscription.licenses
        self.assertTrue(nfr.nfr)
        self.assert_error(self.assign_error(customer, 'cas-nfr'), Code.FAILED_PRECONDITION, 'NFR_ALREADY_HELD')

    def test_a_trial_does_not_follow_a_full_version(self):
        customer = create_customer(self.client, 'latecomer')
        self.assign(customer, 'cas-annual', {'cloud-app-security': 5})
        error = self.assign_error(customer, 'cas-trial', {'cloud-app-security': 5},
                                  crossgrade=Crossgrade(mode='AUTOMATIC'))
        self.assertEqual(error.code, Code.FAILED_PRECONDITION, error)
        self.assertIn(error.reason, ('TRIAL_AFTER_FULL', 'CROSSGRADE_NOT_ALLOWED'))

    def test_a_crossgrade_forbids_another_start_date(self):
        customer = create_customer(self.client, 'planner')
        self.assign(customer, 'cas-annual', {'cloud-app-security': 5})
        error = self.assign_error(customer, 'cas-monthly', {'cloud-app-security': 5},
                                  crossgrade=Crossgrade(mode='AUTOMATIC'),
                                  start_date=to_date(today() + datetime.timedelta(days=3)))
        self.assert_error(error, Code.FAILED_PRECONDITION, 'START_DATE_FORBIDDEN')


class ContractTest(PythonClientTestCase):

    def test_what_is_not_there_is_not_found_with_its_name(self):
        customer = create_customer(self.client, 'looker')
        licensing, customers = self.client.licensing, self.client.customers
        for reason, resource, call, request in (
                ('CUSTOMER_NOT_FOUND', ('customers', 'customers/gone'), customers.GetCustomer,
                 customer_api.GetCustomerRequest(name='customers/gone')),
                ('PARTNER_NOT_FOUND', ('partners', 'partners/gone'), customers.GetPartner,
                 customer_api.GetPartnerRequest(name='partners/gone')),
                ('PARTNER_NOT_FOUND', ('partners', 'partners/gone'), customers.CreateCustomer,
                 customer_api.CreateCustomerRequest(customer=new_customer(partner='partners/gone'))),
                ('PRODUCT_NOT_FOUND', ('products', 'products/gone'), licensing.GetProduct,
                 licensing_api.GetProductRequest(name='products/gone')),
                ('SERVICE_PLAN_NOT_FOUND', ('servicePlans', 'servicePlans/gone'), licensing.GetServicePlan,
                 licensing_api.GetServicePlanRequest(name='servicePlans/gone')),
                ('SERVICE_PLAN_NOT_FOUND', ('servicePlans', 'servicePlans/gone'), licensing.AssignServicePlan,
                 assign_request(customer, 'gone', {'cloud-app-security': 5})),
                ('SUBSCRIPTION_NOT_FOUND', ('subscriptions', f'{customer}/subscriptions/gone'),
                 licensing.GetSubscription,
                 licensing_api.GetSubscriptionRequest(name=f'{customer}/subscriptions/gone')),
                ('LICENSE_NOT_FOUND', ('licenses', f'{customer}/licenses/gone'), licensing.GetLicense,
                 licensing_api.GetLicenseRequest(name=f'{customer}/licenses/gone')),
                ('CUSTOMER_NOT_FOUND', ('customers', 'customers/gone'), licensing.ListLicenses,
                 licensing_api.ListLicensesRequest(parent='customers/gone')),
                ('CUSTOMER_NOT_FOUND', ('customers', 'customers/gone'), licensing.ListAssignableServicePlans,
                 licensing_api.ListAssignableServicePlansRequest(customer='customers/gone')),
                ('CUSTOMER_NOT_FOUND', ('customers', 'customers/gone'), licensing.CheckLicense,
                 licensing_api.CheckLicenseRequest(customer='customers/gone', product='products/cloud-app-security'))):
            with self.subTest(reason=reason, request=type(request).__name__):
                error = call_error(call, request)
                self.assert_error(error, Code.NOT_FOUND, reason)
                self.assertEqual(error.resource, resource)

    def test_what_is_there_already_exists(self):
        create_customer(self.client, 'unique-one', external_id='crm-1')
        create = self.client.customers.CreateCustomer
        error = call_error(create, customer_api.CreateCustomerRequest(customer_id='unique-one',
                                                                      customer=new_customer()))
        self.assert_error(error, Code.ALREADY_EXISTS, 'CUSTOMER_EXISTS')
        self.assertEqual(error.resource, ('customers', 'customers/unique-one'))
        error = call_error(create, customer_api.CreateCustomerRequest(customer=new_customer(external_id='crm-1')))
        self.assert_error(error, Code.ALREADY_EXISTS, 'EXTERNAL_ID_TAKEN')
        plan = ServicePlan(partner=lmp_server.PARTNER, display_name='cas-annual', product='products/cloud-app-security',
                           initial_term_months=1)
        error = call_error(self.client.licensing.CreateServicePlan,
                           licensing_api.CreateServicePlanRequest(service_plan=plan))
        self.assert_error(error, Code.ALREADY_EXISTS, 'PLAN_NAME_TAKEN')

    def test_a_request_id_is_one_change(self):
        request = customer_api.CreateCustomerRequest(customer=new_customer(), request_id=new_request_id())
        first, call = self.client.customers.CreateCustomer.with_call(request)
        self.assertNotIn('lmp-replayed', dict(call.trailing_metadata()))
        second, call = self.client.customers.CreateCustomer.with_call(request)
        self.assertEqual(dict(call.trailing_metadata())['lmp-replayed'], 'true')
        self.assertEqual(first.SerializeToString(deterministic=True), second.SerializeToString(deterministic=True))
        request.customer.city = 'Paris'
        self.assert_error(call_error(self.client.customers.CreateCustomer, request), Code.ALREADY_EXISTS,
                          'REQUEST_ID_REUSED')
        request.request_id = 'not a uuid'
        error = call_error(self.client.customers.CreateCustomer, request)
        self.assert_error(error, Code.INVALID_ARGUMENT, 'INVALID_FIELDS')
        self.assertEqual(set(error.fields), {'request_id'})

    def test_a_refused_request_id_may_be_used_again(self):
        customer = create_customer(self.client, 'retrier')
        request = assign_request(customer, 'cas-annual', {'cloud-app-security': 0}, request_id=new_request_id())
        self.assertEqual(call_error(self.client.licensing.AssignServicePlan, request).code, Code.INVALID_ARGUMENT)
        request.units[0].units = 5
        self.assertEqual(self.client.licensing.AssignServicePlan(request).subscription.licenses[0].units, 5)

    def test_a_stale_etag_is_aborted_and_carries_the_current_one(self):
        name = create_customer(self.client, 'etag-owner')
        before = self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=name))
        update = customer_api.UpdateCustomerRequest(customer=Customer(name=name, city='Köln', etag=before.etag))
        after = self.client.customers.UpdateCustomer(update)
        self.assertNotEqual(after.etag, before.etag)
        error = call_error(self.client.customers.UpdateCustomer, update)
        self.assert_error(error, Code.ABORTED, 'ETAG_MISMATCH')
        self.assertIn(after.etag, error.metadata.values())
        error = self.assign_error(name, 'cas-annual', {'cloud-app-security': 5}, etag=before.etag)
        self.assert_error(error, Code.ABORTED, 'ETAG_MISMATCH')

    def test_an_update_sets_what_its_mask_names(self):
        name = create_customer(self.client, 'mask-owner', note='keep', annotations={'a': '1'})
        request = customer_api.UpdateCustomerRequest(customer=Customer(name=name, city='Köln', note='drop'))
        request.update_mask.paths[:] = ['city', 'contact.email']
        error = call_error(self.client.customers.UpdateCustomer, request)
        self.assertEqual(set(error.fields), {'customer.contact.email'}, 'the mask sets it to nothing')
        request.customer.contact.email = 'new@bakery.example'
        updated = self.client.customers.UpdateCustomer(request)
        self.assertEqual((updated.city, updated.note, updated.contact.email, updated.contact.given_name,
                          dict(updated.annotations)),
                         ('Köln', 'keep', 'new@bakery.example', 'Ada', {'a': '1'}))
        request.update_mask.paths[:] = ['state', 'nonsense']
        error = call_error(self.client.customers.UpdateCustomer, request)
        self.assert_error(error, Code.INVALID_ARGUMENT, 'INVALID_FIELDS')
        self.assertEqual(set(error.fields), {'update_mask'})

    def test_metadata_is_echoed(self):
        _, call = self.client.customers.ListPartners.with_call(customer_api.ListPartnersRequest(),
                                                               metadata=[('x-request-id', 'trace-4711')])
        self.assertEqual(dict(call.trailing_metadata())['x-request-id'], 'trace-4711')
        error = call_error(self.client.customers.GetCustomer, customer_api.GetCustomerRequest(name='customers/gone'),
                           metadata=[('x-request-id', 'trace-4712')])
        self.assertEqual(error.trailers['x-request-id'], 'trace-4712')
        _, call = self.client.customers.ListPartners.with_call(customer_api.ListPartnersRequest())
        uuid.UUID(dict(call.trailing_metadata())['x-request-id'])

    def test_health(self):
        for service in ('', 'liveness', 'lmp.v1.CustomerService', 'lmp.v1.LicensingService'):
            self.assertEqual(self.client.health_status(service), lmp_server.SERVING, service)
        self.assertEqual(call_error(self.client.health_status, 'lmp.v1.NoSuchService').code, Code.NOT_FOUND)

    def test_an_unknown_method_is_unimplemented(self):
        call = self.client.channel.unary_unary('/lmp.v1.CustomerService/StealCustomer')
        self.assertEqual(call_error(call, b'').code, Code.UNIMPLEMENTED)

    def test_a_deadline_is_kept_and_nothing_is_half_done(self):
        customer = create_customer(self.client, 'hurried')
        # The first outside the loop: each further one then meets a duplicate, whatever became of those before it.
        self.assign(customer, 'encryption-annual', {'endpoint-encryption': 5})
        failed = 0
        for _ in range(20):
            request = assign_request(customer, 'encryption-annual', {'endpoint-encryption': 5},
                                     request_id=new_request_id(),
                                     crossgrade=Crossgrade(mode='EXPLICIT', resolutions=[Crossgrade.Resolution(
                                         product='products/endpoint-encryption', choice='NEW_LICENSE')]))
            try:
                self.client.licensing.AssignServicePlan(request, timeout=0.001)
            except grpc.RpcError as e:
                self.assertEqual(e.code(), Code.DEADLINE_EXCEEDED, e)
                failed += 1
        self.assertGreater(failed, 0)
        # Whatever became of each call, a subscription and its license are there both or not at all.
        subscriptions = self.settled(lambda: list(self.client.licensing.ListSubscriptions(
            licensing_api.ListSubscriptionsRequest(parent=customer)).subscriptions))
        self.assertEqual(sorted(l.name for s in subscriptions for l in s.licenses),
                         sorted(l.name for l in self.licenses(customer)))
        self.assertTrue(all(len(s.licenses) == 1 for s in subscriptions))

    def settled(self, read):
        """What is read once it reads the same for a while: calls that their client gave up may still be under way."""
        last, since = read(), time.monotonic()
        while time.monotonic() - since < 0.3:
            value = read()
            if value != last:
                last, since = value, time.monotonic()
        return last


if __name__ == '__main__':
    unittest.main()
