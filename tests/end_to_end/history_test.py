"""The history: who changed what, when, and what was it before? And why a license is as it is."""

import datetime
import json
import unittest

import grpc

import lmp_server
from lmp.v1.event_pb2 import ExplainLicenseRequest, GetEventRequest, ListEventsRequest
from lmp.v1.registration_key_pb2 import CreateRegistrationKeyRequest
from lmp.v1.subscription_pb2 import Subscription
from lmp_server import (ServerTestCase, assign_request, call_error, create_customer, customer_api, from_date,
                        licensing_api, new_request_id, to_date, today)

Code = grpc.StatusCode
UTC = datetime.timezone.utc


def time_of(timestamp):
    return datetime.datetime.fromtimestamp(timestamp.seconds,
                                           UTC) + datetime.timedelta(microseconds=timestamp.nanos // 1000)


class HistoryTestCase(ServerTestCase, unittest.TestCase):

    def assign(self, customer, plan, units=None, **fields):
        return self.client.licensing.AssignServicePlan(assign_request(customer, plan, units, **fields)).subscription

    def page(self, parent, page_size, token='', order_by=''):
        return self.client.licensing.ListEvents(
            ListEventsRequest(parent=parent, page_size=page_size, page_token=token, order_by=order_by))

    def events(self, parent, page_size=1000, order_by=''):
        """All pages."""
        self.await_history()
        found, token = [], ''
        while True:
            page = self.page(parent, page_size, token, order_by)
            self.assertLessEqual(len(page.events), page_size)
            found += page.events
            token = page.next_page_token
            if not token:
                return found

    def explain(self, license):
        """By field."""
        self.await_history()
        response = self.client.licensing.ExplainLicense(ExplainLicenseRequest(name=license))
        self.assertEqual([e.field for e in response.explanations],
                         ['units', 'start_date', 'expiration_date', 'grace_end_date', 'subscription', 'state'])
        return {e.field: e for e in response.explanations}

    def report_usage(self, license, used):
        self.client.licensing.ReportUsage(licensing_api.ReportUsageRequest(name=license, used_units=used))

    def set_units(self, subscription, units, **fields):
        return self.client.licensing.UpdateSubscription(licensing_api.UpdateSubscriptionRequest(
            subscription=Subscription(name=subscription.name),
            units=[licensing_api.LicenseUnits(product=l.product, units=units) for l in subscription.licenses],
            **fields))


class EventsTest(HistoryTestCase):

    def test_a_customers_history_in_pages_and_both_orders(self):
        customer = create_customer(self.client, 'pager')
        subscription = self.assign(customer, 'cas-monthly', {'cloud-app-security': 10})
        for units in range(11, 18):
            self.set_units(subscription, units)
        self.client.licensing.CancelSubscription(licensing_api.CancelSubscriptionRequest(name=subscription.name))
        events = self.events(customer)
        kinds = [e.change.event_kind for e in events]
        self.assertEqual(kinds, ['CUSTOMER_CREATED'] + ['SERVICE_PLAN_ASSIGNED'] * 2 + ['SUBSCRIPTION_UPDATED'] * 7 +
                         ['SUBSCRIPTION_CANCELED'] * 2)
        self.assertEqual(len({e.name for e in events}), len(events))
        times = [time_of(e.event_time) for e in events]
        self.assertEqual(times, sorted(times))
        for size in (1, 2, 5, 12, 13):
            self.assertEqual(self.events(customer, size), events)
            self.assertEqual(self.events(customer, size, 'event_time'), events)
            self.assertEqual(self.events(customer, size, 'event_time desc'), events[::-1])
        for name in (subscription.name, subscription.licenses[0].name):
            own = [e for e in events if e.change.resource == name]
            self.assertGreater(len(own), 1)
            self.assertEqual(self.events(name, 2), own)
            self.assertEqual(self.events(name, 2, 'event_time desc'), own[::-1])
        for event in events:
            self.assertEqual(self.client.licensing.GetEvent(GetEventRequest(name=event.name)), event)

    def test_an_event_says_who_why_and_what_it_was_before(self):
        customer = create_customer(self.client, 'teller')
        subscription = self.assign(customer, 'cas-monthly', {'cloud-app-security': 10})
        update = dict(request_id=new_request_id())
        preview = self.set_units(subscription, 25, validate_only=True)
        self.set_units(subscription, 25, **update)
        *_, event = self.events(subscription.licenses[0].name)
        self.assertEqual(event.request_id, update['request_id'])
        self.assertEqual(event.actor, 'local-admin')
        self.assertAlmostEqual(time_of(event.event_time).timestamp(), datetime.datetime.now(UTC).timestamp(), delta=30)
        self.assertEqual([(f.field, f.before, f.after) for f in event.change.fields], [('units', '10', '25')])
        self.assertEqual(list(preview.changes), [event.change], 'as the preview said')

    def test_a_crossgrade_is_told_as_it_was_previewed(self):
        customer = create_customer(self.client, 'crosser')
        self.assign(customer, 'cas-monthly', {'cloud-app-security': 10})
        request = assign_request(customer, 'suite-annual', {'cloud-app-security': 40, 'worry-free-services': 30},
                                 crossgrade=licensing_api.Crossgrade(mode='AUTOMATIC'))
        request.validate_only = True
        preview = self.client.licensing.AssignServicePlan(request)
        request.validate_only = False
        self.client.licensing.AssignServicePlan(request)
        events = self.events(customer)[3:]
        self.assertEqual({e.change.event_kind for e in events}, {'SERVICE_PLAN_ASSIGNED'})
        # New resources get new names; what comes from other rows (a subscription's expiration) is theirs to tell.
        def told(changes):
            return sorted((c.created, '' if c.created else c.resource,
                           sorted((f.field, f.before, f.after) for f in c.fields
                                  if f.field not in ('expiration_date', 'subscription', 'replaced_by',
                                                     'updates_available')))
                          for c in changes)
        self.assertEqual(told(e.change for e in events), told(preview.changes))

    def test_every_resource_has_a_history(self):
        customer = create_customer(self.client, 'has-all')
        licensing = self.client.licensing
        licensing.AddLicensePoolUnits(licensing_api.AddLicensePoolUnitsRequest(
            name=f'{lmp_server.PARTNER}/licensePools/hosted-email-security', units=100))
        self.assign(customer, 'hes-annual', {'hosted-email-security': 30})
        pool = self.events(f'{lmp_server.PARTNER}/licensePools/hosted-email-security')
        self.assertEqual([(e.change.event_kind, e.change.created,
                           {f.field: (f.before, f.after) for f in e.change.fields})
                          for e in pool][1:], [('SERVICE_PLAN_ASSIGNED', False, {'assigned_units': ('', '30')})])
        self.assertEqual(pool[0].change.event_kind, 'LICENSE_POOL_UNITS_ADDED')
        license_event = self.events(customer)[-1]
        self.assertEqual(pool[1].request_id, license_event.request_id, 'one transaction, one request')

        monthly = self.assign(customer, 'cas-monthly', {'cloud-app-security': 5})
        in_three_days = to_date(today() + datetime.timedelta(days=3))
        scheduled = self.set_units(monthly, 7, effective_date=in_three_days).scheduled_change
        licensing.CancelScheduledChange(licensing_api.CancelScheduledChangeRequest(name=scheduled.name))
        changes = self.events(scheduled.name)
        self.assertEqual([e.change.event_kind for e in changes], ['SUBSCRIPTION_UPDATED', 'SCHEDULED_CHANGE_CANCELED'])
        self.assertIn(('state', '"PENDING"', '"CANCELED"'),
                      [(f.field, f.before, f.after) for f in changes[1].change.fields])

        for parent, kind in ((lmp_server.PARTNER, 'PARTNER_CREATED'),
                             ('products/cloud-app-security', 'PRODUCT_CREATED'),
                             ('servicePlans/cas-annual', 'SERVICE_PLAN_CREATED')):
            first = self.events(parent)[0]
            self.assertEqual((first.change.event_kind, first.change.resource, first.change.created),
                             (kind, parent, True))
        key = licensing.CreateRegistrationKey(CreateRegistrationKeyRequest(
            registration_key=dict(service_plan='servicePlans/cas-annual',
                                  units=[dict(product='products/cloud-app-security', units=5)])))
        created, = self.events(key.name)
        self.assertEqual((created.change.resource, created.change.created), (key.name, True))

    def test_the_deleted_have_a_history_too(self):
        customer = create_customer(self.client, 'deleted-one')
        self.client.customers.DeleteCustomer(customer_api.DeleteCustomerRequest(name=customer))
        self.assertEqual([e.change.event_kind for e in self.events(customer)], ['CUSTOMER_CREATED', 'CUSTOMER_DELETED'])
        plan = self.client.licensing.CreateServicePlan(licensing_api.CreateServicePlanRequest(
            service_plan_id='short-lived', service_plan=dict(display_name='Short-lived', partner=lmp_server.PARTNER,
                                                             product='products/cloud-app-security',
                                                             initial_term_months=1)))
        self.client.licensing.DeleteServicePlan(licensing_api.DeleteServicePlanRequest(name=plan.name))
        self.assertEqual([e.change.event_kind for e in self.events(plan.name)],
                         ['SERVICE_PLAN_CREATED', 'SERVICE_PLAN_DELETED'])

    def test_bad_requests_name_the_field_and_unknown_things_are_not_found(self):
        list_events = self.client.licensing.ListEvents
        customer = create_customer(self.client, 'asker')
        for parent in ('', 'customers', 'customers/', 'customers/-', 'events/1', 'customers/asker/licenses',
                       'partners/x/licenses/y', 'customers/asker/licenses/-', 'licensePools/x', 'customers/ASKER',
                       'customers/asker/', 'a/b/c/d/e'):
            error = call_error(list_events, ListEventsRequest(parent=parent))
            self.assertEqual((error.code, error.reason, set(error.fields)),
                             (Code.INVALID_ARGUMENT, 'INVALID_FIELDS', {'parent'}), parent)
        error = call_error(list_events, ListEventsRequest(parent='nonsense', order_by='event_time DESC'))
        self.assertEqual(set(error.fields), {'parent', 'order_by'})
        for order_by in ('name', 'event_time asc', 'event_time desc ', 'event_time,name'):
            error = call_error(list_events, ListEventsRequest(parent=customer, order_by=order_by))
            self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'order_by'}), order_by)
        for parent, reason in (('customers/nobody', 'CUSTOMER_NOT_FOUND'),
                               ('customers/nobody/licenses/l', 'CUSTOMER_NOT_FOUND'),
                               ('customers/asker/licenses/l', 'LICENSE_NOT_FOUND'),
                               ('products/none', 'PRODUCT_NOT_FOUND'),
                               ('customers/asker/subscriptions/s', 'SUBSCRIPTION_NOT_FOUND'),
                               ('partners/none', 'PARTNER_NOT_FOUND'),
                               ('customers/asker/scheduledChanges/s', 'SCHEDULED_CHANGE_NOT_FOUND'),
                               (f'{lmp_server.PARTNER}/licensePools/none', 'LICENSE_POOL_NOT_FOUND'),
                               ('partners/none/licensePools/none', 'PARTNER_NOT_FOUND'),
                               ('servicePlans/none', 'SERVICE_PLAN_NOT_FOUND'),
                               ('registrationKeys/none', 'REGISTRATION_KEY_NOT_FOUND')):
            error = call_error(list_events, ListEventsRequest(parent=parent))
            self.assertEqual((error.code, error.reason), (Code.NOT_FOUND, reason), parent)
        self.assertEqual(call_error(list_events, ListEventsRequest(parent=customer, page_size=-1)).fields.keys(),
                         {'page_size'})
        get_event = self.client.licensing.GetEvent
        for name in ('', 'events', 'events/', 'customers/1'):
            self.assertEqual(call_error(get_event, GetEventRequest(name=name)).reason, 'INVALID_FIELDS', name)
        for name in ('events/0', 'events/999999999', 'events/01', 'events/x', 'events/99999999999999999999'):
            self.assertEqual(call_error(get_event, GetEventRequest(name=name)).reason, 'EVENT_NOT_FOUND', name)

    def test_a_page_token_belongs_to_its_question(self):
        customer, other = create_customer(self.client, 'token-1'), create_customer(self.client, 'token-2')
        for name in (customer, other):
            self.assign(name, 'cas-annual', {'cloud-app-security': 3})
        token = self.page(customer, 1).next_page_token
        for request in (ListEventsRequest(parent=other, page_token=token),
                        ListEventsRequest(parent=customer, page_token=token + 'A'),
                        ListEventsRequest(parent=customer, page_token=token, order_by='event_time desc')):
            self.assertEqual(call_error(self.client.licensing.ListEvents, request).reason, 'PAGE_TOKEN_INVALID')


class ExplainTest(HistoryTestCase):

    def test_after_assignment_update_renewal_and_suspension(self):
        customer = create_customer(self.client, 'asks-why')
        start = today() - datetime.timedelta(days=3)
        subscription = self.assign(customer, 'cas-monthly', {'cloud-app-security': 10}, start_date=to_date(start))
        license = subscription.licenses[0]
        why = self.explain(license.name)
        assigned = self.events(license.name)[0]
        self.assertEqual(why['units'].event, assigned)
        self.assertEqual(why['units'].value, '10')
        self.assertEqual(json.loads(why['start_date'].value), dict(year=start.year, month=start.month, day=start.day))
        self.assertEqual(why['start_date'].rule,
                         f'SERVICE_PLAN_ASSIGNED on {today()}: the start date given, 3 days before the assignment')
        self.assertEqual(why['expiration_date'].rule,
                         f"SERVICE_PLAN_ASSIGNED on {today()}: the plan's initial term of 1 month from the start")
        self.assertEqual(json.loads(why['subscription'].value), subscription.name)
        self.assertEqual(why['state'].value, '"ACTIVE"')
        self.assertIn('it has started and renews by itself on', why['state'].rule)
        self.assertFalse(why['state'].HasField('event'))

        self.set_units(subscription, 25)
        self.report_usage(license.name, 20)
        why = self.explain(license.name)
        self.assertEqual((why['units'].value, why['units'].rule),
                         ('25', f'SUBSCRIPTION_UPDATED on {today()}: the units given, 10 before'))
        self.assertEqual(why['expiration_date'].event, assigned)

        self.client.licensing.RenewSubscription(licensing_api.RenewSubscriptionRequest(name=subscription.name))
        renewed = self.events(license.name)[-1]
        why = self.explain(license.name)
        self.assertEqual(why['expiration_date'].event, renewed)
        self.assertEqual(why['expiration_date'].rule,
                         f'SUBSCRIPTION_RENEWED on {today()}: renewed by hand: a term of 1 month from the expiration '
                         'before, '
                         f'{from_date(license.expiration_date)}, with the anchor day {start.day}')

        self.client.licensing.SuspendSubscription(licensing_api.SuspendSubscriptionRequest(name=subscription.name))
        why = self.explain(license.name)
        self.assertEqual(why['state'].value, '"SUSPENDED"')
        self.assertEqual(why['state'].event.change.event_kind, 'SUBSCRIPTION_SUSPENDED')

        self.client.customers.DisableCustomer(customer_api.DisableCustomerRequest(name=customer))
        why = self.explain(license.name)
        self.assertEqual(why['state'].rule, f'DISABLED: the customer is disabled (CUSTOMER_DISABLED on {today()})')
        self.assertEqual(why['state'].event, self.events(customer)[-1])

    def test_what_is_not_there_has_no_why(self):
        create_customer(self.client, 'asks-not')
        for name, reason in (('', 'INVALID_FIELDS'), ('customers/asks-not', 'INVALID_FIELDS'),
                             ('customers/asks-not/licenses/none', 'LICENSE_NOT_FOUND'),
                             ('customers/none/licenses/none', 'CUSTOMER_NOT_FOUND')):
            self.assertEqual(call_error(self.client.licensing.ExplainLicense, ExplainLicenseRequest(name=name)).reason,
                             reason)


if __name__ == '__main__':
    unittest.main()
