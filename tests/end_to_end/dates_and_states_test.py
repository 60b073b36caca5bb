"""Dates and states as a client sees them: what is sent as it is, what is due at once, aligned ends, the end of a
product's life, ended subscriptions, the limits in months.

Time passes here by moving a customer's rows back in the database, behind the server's back."""

import datetime
import unittest

from lmp_server import (PARTNER, ServerTestCase, assign_request, call_error, create_customer, from_date, new_request_id,
                        to_date, today)
from google.protobuf import field_mask_pb2
from lmp.v1 import (crossgrade_pb2, customer_service_pb2 as customer_api, event_pb2, license_pb2,
                    licensing_service_pb2 as api, product_pb2, service_plan_pb2, subscription_pb2,
                    subscription_verbs_pb2 as verbs)

CAS = 'cloud-app-security'
WFS = 'worry-free-services'
Subscription, License = subscription_pb2.Subscription, license_pb2.License
DAY = datetime.timedelta(days=1)


class DatesAndStates(ServerTestCase, unittest.TestCase):

    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.licensing = cls.client.licensing
        cls.licensing.CreateServicePlan(api.CreateServicePlanRequest(
            service_plan_id='wfs-monthly', service_plan=service_plan_pb2.ServicePlan(
                display_name='wfs-monthly', partner=PARTNER, product=f'products/{WFS}', initial_term_months=1,
                auto_renewal=True)))

    def assign(self, customer, plan, units=10, product=CAS, **fields):
        return self.licensing.AssignServicePlan(assign_request(customer, plan, {product: units}, **fields)).subscription

    def get(self, subscription):
        return self.licensing.GetSubscription(api.GetSubscriptionRequest(name=subscription.name))

    def move_back(self, customer, days):
        """As if all of it had happened so many days earlier."""
        columns = ', '.join(f'{c} = {c} - INTERVAL {days} DAY' for c in
                            ('start_date', 'expiration_date', 'grace_end_date', 'anchor_date', 'due_date',
                             'suspend_date'))
        self.server.sql(f"UPDATE licenses SET {columns} WHERE customer_id = '{customer.split('/')[1]}'")

    def set_anchor(self, customer, start, expiration):
        """As if a month's plan had been assigned on that day."""
        self.server.sql(f"UPDATE licenses SET start_date = '{start}', anchor_date = '{start}', expiration_date = "
                        f"'{expiration}', "
                        f"grace_end_date = '{expiration}' + INTERVAL 30 DAY, due_date = '{expiration}' "
                        f"WHERE customer_id = '{customer.split('/')[1]}'")

    def anchors(self, customer):
        return [row[0] for row in self.server.sql(
            f"SELECT anchor_date FROM licenses WHERE customer_id = '{customer.split('/')[1]}' ORDER BY product_id")]

    def update(self, subscription, mask=(), **fields):
        units = [crossgrade_pb2.LicenseUnits(product=f'products/{p}', units=n) for p,
                 n in fields.pop('units', {}).items()]
        request = {k: fields.pop(k) for k in ('align', 'validate_only', 'effective_date') if k in fields}
        return self.licensing.UpdateSubscription(verbs.UpdateSubscriptionRequest(
            subscription=Subscription(name=subscription.name, **fields), units=units,
            update_mask=field_mask_pb2.FieldMask(paths=mask or [f for f in fields]), request_id=new_request_id(),
            **request))

    def test_a_subscription_sent_back_whole_changes_what_differs_and_no_more(self):
        customer = create_customer(self.client, 'sent-back')
        subscription = self.assign(customer, 'cas-monthly')
        year = today().year + 1
        self.set_anchor(customer, f'{year}-01-31', f'{year}-02-28')
        whole = self.get(subscription)
        request = verbs.UpdateSubscriptionRequest(
            subscription=whole, units=[crossgrade_pb2.LicenseUnits(product=f'products/{CAS}', units=6)],
            validate_only=True)
        preview = self.licensing.UpdateSubscription(request)
        self.assertEqual([(c.resource, [f.field for f in c.fields]) for c in preview.changes],
                         [(whole.licenses[0].name, ['units'])])
        request.validate_only = False
        self.licensing.UpdateSubscription(request)
        self.assertEqual(self.anchors(customer), [f'{year}-01-31'])
        # Once more, and nothing differs: OK, no event, and the etag holds.
        whole = self.get(subscription)
        answer = self.licensing.UpdateSubscription(verbs.UpdateSubscriptionRequest(subscription=whole,
                                                                                   request_id=new_request_id()))
        self.assertEqual(answer.subscription, whole)
        self.assertEqual(self.get(subscription).etag, whole.etag)

    def test_in_grace_what_is_sent_as_it_is_refuses_nothing(self):
        customer = create_customer(self.client, 'as-it-is-in-grace')
        subscription = self.assign(customer, 'cas-annual')
        self.move_back(customer, 370)
        whole = self.get(subscription)
        self.assertEqual(whole.licenses[0].state, License.GRACE)
        request = verbs.UpdateSubscriptionRequest(subscription=whole,
                                                  units=[crossgrade_pb2.LicenseUnits(product=f'products/{CAS}',
                                                                                     units=12)])
        self.assertEqual(self.licensing.UpdateSubscription(request).subscription.licenses[0].units, 12)
        after = self.get(subscription)
        self.assertEqual((after.expiration_date, after.licenses[0].grace_end_date),
                         (whole.expiration_date, whole.licenses[0].grace_end_date))

    def test_customers_partners_plans_and_products_keep_what_would_be_refused_today(self):
        customer = create_customer(self.client, 'of-old')
        self.server.sql("UPDATE customers SET contact_email = 'of old' WHERE customer_id = 'of-old'")
        row = self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=customer))
        self.assertEqual(row.contact.email, 'of old')
        row.note = 'changed'
        changed = self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(customer=row))
        self.assertEqual((changed.note, changed.contact.email), ('changed', 'of old'))
        changed.contact.email = 'of new'
        error = call_error(self.client.customers.UpdateCustomer, customer_api.UpdateCustomerRequest(customer=changed))
        self.assertEqual(list(error.fields), ['customer.contact.email'])

    def test_what_is_due_after_a_verb_has_happened_in_its_answer(self):
        customer = create_customer(self.client, 'due-at-once')
        subscription = self.assign(customer, 'cas-monthly')
        self.licensing.SuspendSubscription(verbs.SuspendSubscriptionRequest(name=subscription.name))
        self.move_back(customer, 40)
        self.assertEqual(self.get(subscription).licenses[0].state, License.SUSPENDED)
        request = verbs.UnsuspendSubscriptionRequest(name=subscription.name, validate_only=True)
        preview = self.licensing.UnsuspendSubscription(request)
        request.validate_only = False
        answer = self.licensing.UnsuspendSubscription(request)
        read = self.get(subscription)
        self.assertEqual(read.licenses[0].state, License.ACTIVE)
        self.assertGreater(from_date(read.expiration_date), today())
        self.assertEqual(answer.subscription, read)
        shown = preview.subscription
        self.assertEqual((shown.expiration_date, shown.state, shown.licenses[0].state),
                         (read.expiration_date, read.state, read.licenses[0].state))
        events = self.licensing.ListEvents(event_pb2.ListEventsRequest(parent=read.licenses[0].name)).events
        self.assertEqual([(e.change.event_kind, e.actor == 'system') for e in events][-2:],
                         [('SUBSCRIPTION_UNSUSPENDED', False), ('SUBSCRIPTION_RENEWED', True)])

    def test_auto_renewal_turned_on_in_grace_renews_in_the_answer(self):
        customer = create_customer(self.client, 'on-in-grace')
        subscription = self.assign(customer, 'cas-annual')
        self.move_back(customer, 370)
        answer = self.update(subscription, auto_renewal=True)
        self.assertEqual(answer.subscription, self.get(subscription))
        self.assertEqual(answer.subscription.licenses[0].state, License.ACTIVE)
        self.assertTrue(answer.subscription.licenses[0].auto_renewal)
        self.assertEqual(answer.subscription.licenses[0].renewal_date, answer.subscription.licenses[0].expiration_date)

    def test_aligned_subscriptions_share_the_anchor(self):
        customer = create_customer(self.client, 'aligned')
        first = self.assign(customer, 'cas-monthly')
        year = today().year + 1
        self.set_anchor(customer, f'{year}-01-31', f'{year}-02-28')
        with_first = crossgrade_pb2.Alignment(subscription=first.name)
        second = self.assign(customer, 'wfs-monthly', product=WFS, align=with_first)
        self.assertEqual(from_date(second.expiration_date), datetime.date(year, 2, 28))
        self.assertEqual(self.anchors(customer), [f'{year}-01-31'] * 2)
        # Away from it, and back: on a later day, too.
        self.update(second, expiration_date=to_date(datetime.date(year, 2, 10)))
        self.assertEqual(self.anchors(customer), [f'{year}-01-31', f'{year}-02-10'])
        self.licensing.BatchUpdateSubscriptions(verbs.BatchUpdateSubscriptionsRequest(
            parent=customer, update=verbs.UpdateSubscriptionRequest(align=with_first)))
        self.assertEqual(self.anchors(customer), [f'{year}-01-31'] * 2)
        self.update(second, expiration_date=to_date(datetime.date(year, 2, 10)))
        waiting = self.update(second, align=with_first, effective_date=to_date(today() + DAY)).scheduled_change
        self.assertEqual(from_date(waiting.expiration_date), datetime.date(year, 2, 28))
        self.server.sql(f"UPDATE scheduled_changes SET effective_date = '{today()}' WHERE customer_id = 'aligned'")
        self.server.sql(f"UPDATE licenses SET due_date = '{today()}' WHERE customer_id = 'aligned' AND subscription_id "
                        "= "
                        f"'{second.name.split('/')[3]}'")
        row = self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=customer))
        self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(customer=row))  # time passes before it
        self.assertEqual(self.anchors(customer), [f'{year}-01-31'] * 2)

    def test_the_end_of_a_products_life_is_the_latest_date_that_is_shown(self):
        self.licensing.CreateProduct(api.CreateProductRequest(product_id='mortal', product=product_pb2.Product(
            display_name='mortal', kind='SERVICE', unit='USER')))
        self.licensing.CreateServicePlan(api.CreateServicePlanRequest(
            service_plan_id='mortal-annual', service_plan=service_plan_pb2.ServicePlan(
                display_name='mortal-annual', partner=PARTNER, product='products/mortal', initial_term_months=12,
                auto_renewal=True)))
        customer = create_customer(self.client, 'mortal')
        subscription = self.assign(customer, 'mortal-annual', product='mortal')
        end = today() + 20 * DAY
        self.licensing.EndProductLife(api.EndProductLifeRequest(name='products/mortal', end_date=to_date(end)))
        license = self.get(subscription).licenses[0]
        self.assertEqual((from_date(license.expiration_date), from_date(license.grace_end_date), license.auto_renewal),
                         (end, end, False))
        self.assertFalse(license.HasField('renewal_date'))
        check = self.licensing.CheckLicense(api.CheckLicenseRequest(customer=customer, product='products/mortal'))
        self.assertEqual((from_date(check.expiration_date), from_date(check.grace_end_date)), (end, end))
        listed = self.licensing.ListLicenses(api.ListLicensesRequest(
            parent='customers/-', order_by='expiration_date', filter=f'expiration_date <= {end} AND product = '
            'products/mortal'))
        self.assertEqual([l.name for l in listed.licenses], [license.name])
        # Less of it works until the day, more does not.
        self.assertEqual(self.update(subscription, units={'mortal': 6}).subscription.licenses[0].units, 6)
        for wanted in (dict(units={'mortal': 7}), dict(renewal_term_months=3),
                       dict(expiration_date=to_date(end + DAY))):
            self.assertEqual(call_error(self.update, subscription, **wanted).reason, 'PRODUCT_END_OF_LIFE', wanted)
        self.assertFalse(self.update(subscription, mask=['auto_renewal'], auto_renewal=False).subscription.auto_renewal)
        self.licensing.CancelSubscription(verbs.CancelSubscriptionRequest(name=subscription.name))

    def test_what_has_ended_is_ended_and_promises_nothing(self):
        customer = create_customer(self.client, 'ended')
        subscription = self.assign(customer, 'cas-monthly')
        self.assertTrue(subscription.licenses[0].auto_renewal)
        self.client.customers.DisableCustomer(customer_api.DisableCustomerRequest(name=customer))
        self.assertFalse(self.get(subscription).licenses[0].auto_renewal)
        self.move_back(customer, 70)
        read = self.get(subscription)
        self.assertEqual((read.state, read.auto_renewal, read.renewal_term_months), (Subscription.ENDED, False, 0))

        def listed(state):
            page = self.licensing.ListSubscriptions(api.ListSubscriptionsRequest(parent=customer,
                                                                                 filter=f'state = {state}'))
            return [s.name for s in page.subscriptions]

        self.assertEqual((listed('ENDED'), listed('ACTIVE')), ([subscription.name], []))

    def test_a_month_is_not_expiring_soon_on_its_first_day_and_what_renews_never_is(self):
        customer = create_customer(self.client, 'soon')
        renewing = self.assign(customer, 'cas-monthly')
        self.assertEqual(renewing.licenses[0].state, License.ACTIVE)
        self.move_back(customer, 25)
        check = api.CheckLicenseRequest(customer=customer, product=f'products/{CAS}')
        self.assertEqual(self.get(renewing).licenses[0].state, License.ACTIVE)
        self.assertEqual(self.licensing.CheckLicense(check).state, License.ACTIVE)
        self.update(renewing, mask=['auto_renewal'], auto_renewal=False)
        self.assertEqual(self.get(renewing).licenses[0].state, License.EXPIRING_SOON)
        self.assertEqual(self.licensing.CheckLicense(check).state, License.EXPIRING_SOON)

    def test_no_license_runs_more_than_132_months_from_today(self):
        customer = create_customer(self.client, 'eleven-years')
        subscription = self.assign(customer, 'cas-annual')
        renew = verbs.RenewSubscriptionRequest(name=subscription.name, term_months=60)
        for _ in range(2):
            self.licensing.RenewSubscription(renew)
        error = call_error(self.licensing.RenewSubscription, renew)
        self.assertEqual((error.code.name, error.reason, list(error.fields)),
                         ('OUT_OF_RANGE', 'DATE_OUT_OF_RANGE', ['term_months']))
        for day in (datetime.date(9999, 12, 31), from_date(self.get(subscription).expiration_date) + 31 * DAY):
            error = call_error(self.licensing.RenewSubscription, verbs.RenewSubscriptionRequest(
                name=subscription.name, align=crossgrade_pb2.Alignment(expiration_date=to_date(day))))
            self.assertEqual((error.reason, list(error.fields)), ('DATE_OUT_OF_RANGE', ['align.expiration_date']))
            self.assertEqual(call_error(self.update, subscription, expiration_date=to_date(day)).reason,
                             'DATE_OUT_OF_RANGE')

    def test_two_ways_to_say_when_it_ends_are_both_named(self):
        customer = create_customer(self.client, 'twice')
        subscription = self.assign(customer, 'cas-annual')
        align = crossgrade_pb2.Alignment(expiration_date=to_date(today() + 40 * DAY))
        error = call_error(self.update, subscription, expiration_date=to_date(today() + 50 * DAY), align=align)
        self.assertEqual(set(error.fields), {'subscription.expiration_date', 'align'})
        error = call_error(self.licensing.RenewSubscription,
                           verbs.RenewSubscriptionRequest(name=subscription.name, term_months=3, align=align))
        self.assertEqual(set(error.fields), {'term_months', 'align'})
        # For many at once as for one; and which ones, too, is said in one way.
        until = to_date(today() + 50 * DAY)
        for batch, fields in (
                (dict(update=verbs.UpdateSubscriptionRequest(subscription=dict(expiration_date=until), align=align)),
                 {'update.subscription.expiration_date', 'update.align'}),
                (dict(renew=verbs.RenewSubscriptionRequest(term_months=3, align=align)),
                 {'renew.term_months', 'renew.align'}),
                (dict(cancel={}, subscriptions=[subscription.name], service_plan='servicePlans/cas-annual',
                      product='products/cloud-app-security'), {'subscriptions', 'service_plan', 'product'}),
                (dict(cancel={}, subscriptions=[subscription.name], product='products/cloud-app-security'),
                 {'subscriptions', 'product'}),
                (dict(update=dict(units=[dict(product='products/hosted-email-security', units=5)]),
                      subscriptions=[subscription.name]),
                 {'update.units[products/hosted-email-security]'}),
                (dict(update=dict(subscription=dict(renewal_term_months=67),
                                  update_mask=dict(paths=['renewal_term_months']))),
                 {'update.subscription.renewal_term_months'})):
            error = call_error(self.licensing.BatchUpdateSubscriptions,
                               verbs.BatchUpdateSubscriptionsRequest(parent=customer, **batch))
            self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', fields))


if __name__ == '__main__':
    unittest.main()
