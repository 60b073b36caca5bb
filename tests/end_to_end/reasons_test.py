"""Every reason of lmp.v1.ErrorReason comes over the wire, with the code and the details that the contract promises."""

import datetime
import itertools
import unittest

import grpc

import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import PARTNER, call_error, new_customer, new_request_id, to_date, today
from rpc import PROMISED_CODES, PROTO, REASONS, Rpc, broken_promises, server_error

CAS = 'products/cloud-app-security'
AUTOMATIC = dict(mode='AUTOMATIC')


class World(Rpc):
    """What the table below is written in: things made anew for each entry. All of them return a resource's name."""

    def __init__(self, client, database, borrower):
        super().__init__(client)
        self.database = database
        self.borrower = borrower
        self._numbers = itertools.count(1)

    def fresh(self):
        return f'fresh-{next(self._numbers)}'

    def day(self, days):
        return to_date(today() + datetime.timedelta(days=days))

    def after(self, verb, name, **fields):
        """What the verb was done to."""
        getattr(self, verb)(name=name, **fields)
        return name

    def partner(self):
        return self.CreatePartner(partner=dict(display_name='Fresh', tier='DISTRIBUTOR')).name

    def customer(self, request_id='', **fields):
        return self.CreateCustomer(customer=new_customer(**fields), request_id=request_id).name

    def product(self, **fields):
        return self.CreateProduct(product={**dict(display_name='Fresh', kind='SERVICE', unit='SEAT'), **fields}).name

    def plan(self, product=None, **fields):
        fields = {**dict(display_name=self.fresh(), partner=PARTNER, product=product or self.product(),
                         initial_term_months=12),
                  **fields}
        return self.CreateServicePlan(service_plan=fields).name

    def assign(self, plan, to=None, units=5, **fields):
        """`units` of each product of the plan."""
        plan = plan if '/' in plan else f'servicePlans/{plan}'
        products = [] if not units or plan.endswith('/gone') else self.GetServicePlan(name=plan).components
        return self.AssignServicePlan(parent=to or self.customer(), service_plan=plan,
                                      units=[dict(product=p, units=units) for p in products], **fields)

    def subscription(self, plan, **fields):
        return self.assign(plan, **fields).subscription.name

    def holder(self, plan, **fields):
        """A customer that has the plan."""
        return self.subscription(plan, **fields).split('/subscriptions/')[0]

    def license(self, plan, **fields):
        return self.assign(plan, **fields).subscription.licenses[0].name

    def used_request_id(self):
        request_id = new_request_id()
        self.customer(request_id=request_id)
        return request_id

    def pooled_plan(self, units):
        """Of a product of whose licenses the partner has this many."""
        product = self.product()
        self.AddLicensePoolUnits(name=f'{PARTNER}/licensePools/{product.split("/")[1]}', units=units)
        return self.plan(product)

    def suite_plan(self):
        """A plan, and what changes its suite."""
        suite = self.product(kind='SUITE', unit=0, components=[self.product(), self.product()])
        return self.plan(suite), lambda: self.ChangeSuiteComponents(name=suite, add_components=[self.product()])

    def locked_plan(self):
        plan, change = self.suite_plan()
        change()
        return plan

    def stale_key(self):
        """The change of its plan's suite is approved: it has no units for the new component."""
        plan, change = self.suite_plan()
        key = self.CreateRegistrationKey(registration_key=dict(service_plan=plan, units=[
            dict(product=p, units=5) for p in self.GetServicePlan(name=plan).components])).name
        change()
        return self.after('ApproveServicePlan', plan) and key

    def outdated_subscription(self):
        """The change of its plan's suite is approved, and not applied to it."""
        plan, change = self.suite_plan()
        name = self.subscription(plan)
        change()
        self.ApproveServicePlan(name=plan)
        return name

    def ended_subscription(self):
        product = self.product()
        name = self.subscription(self.plan(product, auto_renewal=True))
        self.EndProductLife(name=product)
        return name

    def changed_twice(self):
        name = self.subscription('cas-annual')
        for units in (6, 7):
            self.UpdateSubscription(subscription=dict(name=name), units=[dict(product=CAS, units=units)])
        first = self.ListEvents(parent=name.split('/subscriptions')[0], order_by='event_time desc').events[1]
        self.RevertChange(name=first.name)

    # Of the database and the server itself.

    def changed(self, customer, timeout=30):
        return self.UpdateCustomer(customer=dict(name=customer, city='Köln'), timeout=timeout)

    def renamed_since_the_preview(self):
        customer = self.customer()
        preview = self.UpdateCustomer(customer=dict(name=customer, city='Köln'), validate_only=True)
        self.UpdateCustomer(customer=dict(name=customer, city='Bremen'))
        self.UpdateCustomer(customer=dict(name=customer, city='Köln'), preview_token=preview.preview_token)

    def during(self, fault, call):
        with fault:
            return call()

    def lock_of(self, customer):
        return self.database.locked(f"customers WHERE customer_id = '{customer.split('/')[1]}'")

    def changed_while_locked(self, timeout):
        customer = self.customer()
        with self.lock_of(customer):
            raise server_error(lambda: self.changed(customer, timeout))

    def changed_too_often(self):
        """More calls at once than may wait, as what they change is locked: the first that fails."""
        customer = self.customer()
        update, request = self.method('UpdateCustomer')
        with self.lock_of(customer):
            calls = [update.future(request(customer=dict(name=customer, city=f'city {i}')), timeout=30)
                     for i in range(12)]
            lmp_server.wait_until(lambda: any(c.done() for c in calls), 10, 'one of too many calls is refused')
        errors = [e for e in (c.exception() for c in calls) if e is not None]
        raise errors[0]

    def changed_while_stopping(self):
        """By a server that was told to stop and has a call under way."""
        server = self.borrower(self.fresh(), ['--time-worker', '0']).start()
        customer = self.customer()
        with server.client() as client:
            stopping = Rpc(client)
            update, request = stopping.method('UpdateCustomer')
            with self.lock_of(customer):
                last = update.future(request(customer=dict(name=customer, city='Köln')), timeout=30)
                lmp_server.wait_until(self.database.waiting, 10, 'the call is under way')
                server.terminate()
                error = lmp_server.wait_until(lambda: self.refusal_of(stopping), 10, 'it hears the signal')
            if last.result().city != 'Köln' or server.process.wait(lmp_server.STOP_TIMEOUT) != 0:
                raise AssertionError('the call under way was not ended well')
        raise error

    def refusal_of(self, rpc):
        try:
            rpc.GetPartner(name=PARTNER)
        except grpc.RpcError as error:
            return error
        return None


# Each is asked for in the words of World. The order is that of the enum.
HOW = {
    'INVALID_FIELDS': lambda w: w.CreateCustomer(),
    'MALFORMED_REQUEST': lambda w: w.raw('CustomerService/GetPartner', b'\xff'),
    'PAGE_TOKEN_INVALID': lambda w: w.ListPartners(page_token='AAAA'),
    'RESUME_TOKEN_GONE': lambda w: w.WatchEvents(resume_token='1-0123456789abcdef'),
    'DATE_OUT_OF_RANGE': lambda w: w.assign('cas-annual', start_date=w.day(-32)),
    'PARTNER_NOT_FOUND': lambda w: w.GetPartner(name='partners/gone'),
    'CUSTOMER_NOT_FOUND': lambda w: w.GetCustomer(name='customers/gone'),
    'PRODUCT_NOT_FOUND': lambda w: w.GetProduct(name='products/gone'),
    'SERVICE_PLAN_NOT_FOUND': lambda w: w.assign('gone'),
    'SUBSCRIPTION_NOT_FOUND': lambda w: w.GetSubscription(name=w.customer() + '/subscriptions/gone'),
    'LICENSE_NOT_FOUND': lambda w: w.ActivateLicense(name=w.customer() + '/licenses/gone'),
    'SCHEDULED_CHANGE_NOT_FOUND': lambda w: w.CancelScheduledChange(name=w.customer() + '/scheduledChanges/gone'),
    'LICENSE_POOL_NOT_FOUND': lambda w: w.GetLicensePool(name=PARTNER + '/licensePools/gone'),
    'REGISTRATION_KEY_NOT_FOUND': lambda w: w.VoidRegistrationKey(name='registrationKeys/gone'),
    'API_KEY_NOT_FOUND': lambda w: w.RevokeApiKey(name=PARTNER + '/apiKeys/gone'),
    'EVENT_NOT_FOUND': lambda w: w.GetEvent(name='events/999999999'),
    'PARTNER_EXISTS': lambda w: w.CreatePartner(partner_id='acme-msp',
                                                partner=dict(display_name='Acme', tier='DISTRIBUTOR')),
    'CUSTOMER_EXISTS': lambda w: [w.CreateCustomer(customer_id='twice', customer=new_customer()) for _ in range(2)],
    'PRODUCT_EXISTS': lambda w: w.CreateProduct(product_id='worry-free-services',
                                                product=dict(display_name='x', kind='SERVICE', unit='SEAT')),
    'SERVICE_PLAN_EXISTS': lambda w: w.CreateServicePlan(service_plan_id='cas-annual', service_plan=dict(
        display_name='another', partner=PARTNER, product=CAS, initial_term_months=1)),
    'EXTERNAL_ID_TAKEN': lambda w: [w.customer(external_id='crm-1') for _ in range(2)],
    'PLAN_NAME_TAKEN': lambda w: w.plan(display_name='cas-annual'),
    'REQUEST_ID_REUSED': lambda w: w.customer(city='Paris', request_id=w.used_request_id()),
    'CROSSGRADE_REQUIRED': lambda w: w.assign('cas-monthly', to=w.holder('cas-annual')),
    'CROSSGRADE_NOT_ALLOWED': lambda w: w.assign('cas-nfr', units=0, to=w.holder('cas-annual'), crossgrade=AUTOMATIC),
    'START_DATE_FORBIDDEN': lambda w: w.assign('cas-monthly', to=w.holder('cas-annual'), crossgrade=AUTOMATIC,
                                               start_date=w.day(3)),
    'PARTNER_SUSPENDED': lambda w: w.customer(partner=w.after('SuspendPartner', w.partner())),
    'PARTNER_CANCELED': lambda w: w.customer(partner=w.after('CancelPartner', w.partner())),
    'CUSTOMER_DISABLED': lambda w: w.assign('cas-annual', to=w.after('DisableCustomer', w.customer())),
    'CUSTOMER_DELETED': lambda w: w.assign('cas-annual', to=w.after('DeleteCustomer', w.customer())),
    'PLAN_DISABLED': lambda w: w.assign(w.after('DisableServicePlan', w.plan())),
    'PLAN_LOCKED': lambda w: w.assign(w.locked_plan()),
    'PRODUCT_END_OF_SALE': lambda w: w.plan(w.after('EndProductSale', w.product())),
    'PRODUCT_END_OF_LIFE': lambda w: w.plan(w.after('EndProductLife', w.product())),
    'NFR_ALREADY_HELD': lambda w: w.assign('cas-nfr', units=0, to=w.holder('cas-nfr', units=0)),
    'NFR_NOT_ALLOWED': lambda w: w.plan(w.product(nfr_allowed=False), nfr=True),
    'NFR_SETTINGS_FIXED': lambda w: w.assign('cas-nfr', units=5),
    'TRIAL_AFTER_FULL': lambda w: w.assign('cas-trial', to=w.holder('cas-annual'), crossgrade=AUTOMATIC),
    'TRIAL_REPEATED': lambda w: w.assign('cas-trial', to=w.holder('cas-trial'), crossgrade=AUTOMATIC),
    'POOL_EXHAUSTED': lambda w: w.assign(w.pooled_plan(4), units=5),
    'DATABASE_READ_ONLY': lambda w: w.during(w.database.read_only(), w.customer),
    'WRONG_STATE': lambda w: w.UnsuspendSubscription(name=w.subscription('cas-annual')),
    'TRIAL_FIXED': lambda w: w.RenewSubscription(name=w.subscription('cas-trial')),
    'PLAN_UPDATES_PENDING': lambda w: w.UpdateSubscription(subscription=dict(name=w.outdated_subscription(),
                                                                             auto_renewal=True)),
    'AUTO_RENEWAL_OFF': lambda w: w.SuspendSubscription(name=w.subscription('cas-annual')),
    'SUBSCRIPTION_ENDED': lambda w: w.SuspendSubscription(name=w.ended_subscription()),
    'PLAN_NOT_A_LEVEL': lambda w: w.ChangeServicePlan(name=w.subscription('cas-annual'),
                                                      service_plan='servicePlans/hes-annual'),
    'CUSTOMER_HAS_LICENSES': lambda w: w.DeleteCustomer(name=w.holder('cas-annual')),
    'ERASURE_TOO_EARLY': lambda w: w.EraseCustomer(name=w.after('DeleteCustomer', w.customer())),
    'LICENSE_NOT_UNBUNDLED': lambda w: w.DeleteUnbundledLicense(name=w.license('cas-annual')),
    'PLAN_UP_TO_DATE': lambda w: w.ApplyPlanUpdates(name=w.subscription('suite-annual')),
    'TOKEN_KEY_MISSING': lambda w: w.IssueLicenseToken(name=w.license('cas-annual')),
    'REGISTRATION_KEY_STALE': lambda w: w.RedeemRegistrationKey(name=w.stale_key(), customer=w.customer()),
    'NOT_REVERTIBLE': lambda w: w.RevertChange(name=w.ListEvents(parent=w.customer()).events[0].name),
    'TOO_LARGE_FOR_DATABASE': lambda w: w.during(w.database.small_packets(),
                                                 lambda: w.customer(note='😀' * 500, address='😀' * 128)),
    'ETAG_MISMATCH': lambda w: w.DisableCustomer(name=w.customer(), etag='stale'),
    'CHANGED_SINCE': lambda w: w.changed_twice(),
    'PREVIEW_CHANGED': lambda w: w.renamed_since_the_preview(),
    # Other calls in the way at every rerun can't be had in time; a trigger that says so can.
    'TRANSACTION_CONFLICT': lambda w: w.during(w.database.failing(1213, '40001', 'Deadlock found'), w.customer),
    'DATABASE_UNAVAILABLE': lambda w: w.during(w.database.gone(), w.customer),
    'SHUTTING_DOWN': lambda w: w.changed_while_stopping(),
    'OVERLOADED': lambda w: w.changed_too_often(),
    'UNAUTHENTICATED_INVALID': lambda w: w.ListPartners(metadata=[('authorization', 'Bearer lmp_guess')]),
    # A statement may take half a second of this, as its limit is a power of two: so the server's own answer comes
    # first.
    'DEADLINE_PASSED': lambda w: w.changed_while_locked(timeout=1),
    'INTERNAL_FAILURE': lambda w: w.during(w.database.altered('ALTER TABLE customers RENAME COLUMN city TO town',
                                                              'ALTER TABLE customers RENAME COLUMN town TO city'),
                                           w.customer),
}
# A client that cancels has its own answer before any of the server's, so this one is seen in C++ only.
IN_CPP_ONLY = {'CALL_CANCELLED': ('tests/wire/status_test.cc', 'FailuresOfTheEngineHaveReasons'),
               'OUTCOME_UNKNOWN': ('tests/engine/lost_commit_test.cc', 'WhoeverCannotFindOutSaysSo'),
               'CUSTOMER_FULL': ('tests/engine/customer_limit_test.cc', 'MoreLicensesThanACustomerMayHaveAreRefused'),
               'ANSWER_TOO_LARGE': ('tests/engine/batching_test.cc', 'WhatNoClientWouldTakeIsNotDone'),
               'TOO_MANY_REVOKED_TOKENS': ('tests/engine/license_tokens_test.cc', 'MoreThanOneListMayHaveAreRefused')}

# They need callers of other kinds, and are shown with those.
WITH_CALLERS = {'UNAUTHENTICATED_NO_CREDENTIALS', 'UNAUTHENTICATED_EXPIRED', 'PERMISSION_DENIED', 'RATE_LIMITED',
                'ISSUER_UNAVAILABLE', 'WATCH_ENDED'}


class ReasonsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0', '--write-workers', '1', '--max-batch', '1', '--max-queue', '8')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = World(cls.client, cls.database, cls.make_borrower)

    def test_the_table_has_every_reason_of_the_enum_and_of_the_readme(self):
        self.assertEqual(set(HOW) | set(IN_CPP_ONLY) | WITH_CALLERS, REASONS)
        shown = (PROTO.parent / 'tests/end_to_end/auth_test.py').read_text()
        self.assertTrue(all(f"'{reason}'" in shown for reason in WITH_CALLERS))
        self.assertFalse(set(HOW) & set(IN_CPP_ONLY))
        for reason, (path, test) in IN_CPP_ONLY.items():
            self.assertRegex((PROTO.parent / path).read_text(), rf'(?s)TEST(_F|_P)?\(\w+, {test}\).*"{reason}"')
        self.assertEqual(set(PROMISED_CODES), REASONS)

    def assert_reason(self, reason, how):
        error = call_error(how, self.world)
        self.assertEqual(error.reason, reason, error)
        self.assertEqual(broken_promises(error), [], error)
        return error

    def test_a_resource_that_is_not_there_is_named_as_the_caller_named_it(self):
        for reason in (r for r in HOW if r.endswith('_NOT_FOUND') and r != 'EVENT_NOT_FOUND'):
            with self.subTest(reason=reason):
                self.assertTrue(call_error(HOW[reason], self.world).resource[1].endswith('/gone'))

    def test_what_is_there_already_is_named(self):
        self.assertEqual(call_error(HOW['PARTNER_EXISTS'], self.world).resource, ('partners', PARTNER))
        self.assertEqual(call_error(HOW['PLAN_NAME_TAKEN'], self.world).resource,
                         ('servicePlans', 'servicePlans/cas-annual'))
        owner = self.world.customer(external_id='crm-2')
        self.assertEqual(call_error(self.world.customer, external_id='crm-2').resource, ('customers', owner))

    def test_a_wrong_state_is_named_whatever_the_verb(self):
        w = self.world
        plan = w.plan()
        later = w.UpdateSubscription(subscription=dict(name=w.subscription('cas-annual'), auto_renewal=True),
                                     effective_date=w.day(3)).scheduled_change.name
        for state, how in (
                ('ENABLED', lambda: w.EnableCustomer(name=w.customer())),
                ('ENABLED', lambda: w.UndeleteCustomer(name=w.customer())),
                ('ACTIVE', lambda: w.ResumePartner(name=PARTNER)),
                ('AVAILABLE', lambda: w.EnableServicePlan(name=plan)),
                ('AVAILABLE', lambda: w.ApproveServicePlan(name=plan)),
                ('DISABLED', lambda: w.DisableServicePlan(name=w.after('DisableServicePlan', plan))),
                ('END_OF_SALE', lambda: w.EndProductSale(name=w.after('EndProductSale', w.product()))),
                ('END_OF_LIFE', lambda: w.EndProductLife(name=w.after('EndProductLife', w.product()))),
                ('DISABLED', lambda: w.RenewSubscription(name=w.after('CancelSubscription',
                                                                      w.subscription('cas-annual')))),
                ('PENDING', lambda: w.RenewSubscription(name=w.subscription('cas-annual', start_date=w.day(3)))),
                ('ACTIVE', lambda: w.ActivateLicense(name=w.license('cas-annual'))),
                ('CANCELED', lambda: w.CancelScheduledChange(name=w.after('CancelScheduledChange', later))),
                ('REDEEMED', lambda: w.VoidRegistrationKey(name=self.redeemed_key()))):
            with self.subTest(state=state):
                error = self.assert_reason('WRONG_STATE', lambda _: how())
                self.assertEqual(error.metadata['state'], state, error)

    def redeemed_key(self):
        key = self.world.CreateRegistrationKey(registration_key=dict(
            service_plan='servicePlans/cas-annual', units=[dict(product=CAS, units=5)])).name
        return self.world.after('RedeemRegistrationKey', key, customer=self.world.customer())


def test_of(reason):
    def test(self):
        self.assert_reason(reason, HOW[reason])
    return test


for _reason in HOW:
    setattr(ReasonsTest, f'test_{_reason.lower()}', test_of(_reason))


if __name__ == '__main__':
    unittest.main()
