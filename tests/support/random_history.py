"""Somebody who does this and that with a catalog and its customers, as a seed has it, one mutation after the other.

Nothing that it does is due on the same day, so that time itself changes nothing while it is looked at."""

import collections
import datetime
import random

import grpc

import lmp_server
from listings import micros_of
from lmp_server import PARTNER, new_request_id, to_date, today
from rpc import Rpc

REFUSED = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.NOT_FOUND)
SPARE_PARTNER = 'partners/spare-msp'
SUITE = 'products/worry-free-suite'
TOGGLED_COMPONENT = 'products/hosted-email-security'
# How often a verb is tried beside the others: what ends something less, so that there is something.
WEIGHTS = dict(assign=5, crossgrade=3, approve_plan=3, apply_updates=3, resume_partner=3, enable_customer=2,
               enable_plan=2, undelete_customer=2, activate=2, delete_customer=0.4, disable_customer=0.7, cancel=0.5,
               suspend_partner=0.5, delete_plan=0.5, disable_plan=0.5, redeem_key=0.7)


def add_catalog(client):
    """Beside that of lmp_server: levels of a family, a plan that waits for a sign-in, products that end, another
    partner."""
    rpc = Rpc(client)
    rpc.CreatePartner(partner_id='spare-msp', partner=dict(display_name='Spare MSP', tier='RESELLER',
                                                           parent='partners/north-distribution'))
    for key, fields in {'seats-basic': dict(family='seats', level=1), 'seats-plus': dict(family='seats', level=2),
                        'fading-tool': {}, 'sunset-tool': {}}.items():
        rpc.CreateProduct(product_id=key, product=dict(display_name=key, kind='SERVICE', unit='SEAT', **fields))
        rpc.CreateServicePlan(service_plan_id=f'{key}-annual', service_plan=dict(
            display_name=f'{key} annual', partner=PARTNER, product=f'products/{key}', initial_term_months=12,
            auto_renewal=True))
    for key, fields in {'cas-sign-in': dict(partner=PARTNER, activation_policy='ON_FIRST_SIGN_IN', auto_renewal=True),
                        'spare-cas': dict(partner=SPARE_PARTNER)}.items():
        rpc.CreateServicePlan(service_plan_id=key, service_plan=dict(
            display_name=key, product='products/cloud-app-security', initial_term_months=6, **fields))


class RandomHistory:

    def __init__(self, client, seed):
        self.rpc = Rpc(client)
        self.random = random.Random(seed)
        self.state = {}  # collection → resources as they are, which the caller keeps fresh
        self.request_id = None  # of the mutation done last
        self.done = collections.Counter()  # by verb
        self.steps = 0
        self.verbs = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith('do_')}

    def step(self):
        """Does one thing that is not refused; returns its verb and the resource whose newest event is of it."""
        self.steps += 1
        tried = collections.Counter(self.done)
        for _ in range(500):
            verb = min(self.random.sample(sorted(self.verbs), 8),
                       key=lambda v: (self.steps > 100 and self.done[v] > 0, tried[v] / WEIGHTS.get(v, 1)))
            verb = verb if self.state['customers'] else 'create_customer'
            tried[verb] += 1
            try:
                name = self.verbs[verb]()
            except grpc.RpcError as e:
                if e.code() not in REFUSED:
                    raise
                continue
            if name:
                self.done[verb] += 1
                return verb, name
        raise AssertionError('nothing can be done any more')

    def call(self, method, **fields):
        self.request_id = new_request_id()
        return getattr(self.rpc, method)(request_id=self.request_id, **fields)

    def pick(self, collection, wanted=lambda resource: True):
        """One of those that are as wanted, or None. Not by name: the server makes names, others in every run."""
        found = [r for r in self.state[collection] if wanted(r)]
        found.sort(key=lambda r: (micros_of(r.create_time), getattr(r, 'product', '')))
        return self.random.choice(found) if found else None

    def verb(self, method, resource, **fields):
        """A verb on a resource, now and then with its etag."""
        if resource is None:
            return None
        if self.random.random() < 0.3:
            fields['etag'] = resource.etag
        self.call(method, name=resource.name, **fields)
        return resource.name

    def update(self, method, field, resource, **values):
        if resource is None:
            return None
        self.call(method, **{field: dict(name=resource.name, **values)})
        return resource.name

    def units_of(self, plan):
        return [] if plan.nfr else [dict(product=p, units=self.random.randint(5, 60)) for p in plan.components]

    def in_days(self, least, most):
        return to_date(today() + datetime.timedelta(days=self.random.randint(least, most)))

    # Customers and partners.
    def do_create_customer(self):
        if self.steps % 7 > 1 and len(self.state['customers']) > 3:
            return None
        partner = SPARE_PARTNER if self.random.random() < 0.25 else PARTNER
        return self.call('CreateCustomer', customer_id=f'someone-{self.steps}', customer=lmp_server.new_customer(
            partner=partner, display_name=self.random.choice(['Bakery', 'Mill', 'Smithy']))).name

    def do_update_customer(self):
        return self.update('UpdateCustomer', 'customer', self.pick('customers'), note=f'note {self.steps}',
                           contact=dict(email=f'mail{self.steps}@some.example'), annotations=dict(step=str(self.steps)))

    def do_disable_customer(self):
        return self.verb('DisableCustomer', self.pick('customers'))

    def do_enable_customer(self):
        return self.verb('EnableCustomer', self.pick('customers', lambda c: c.state == c.DISABLED))

    def do_delete_customer(self):
        return self.verb('DeleteCustomer', self.pick('customers'), force=True)

    def do_undelete_customer(self):
        return self.verb('UndeleteCustomer', self.pick('customers', lambda c: c.HasField('delete_time')))

    def do_create_partner(self):
        if self.done['create_partner'] > 2:
            return None
        return self.call('CreatePartner', partner=dict(display_name='New', tier='DISTRIBUTOR')).name

    def do_update_partner(self):
        return self.update('UpdatePartner', 'partner', self.pick('partners'), display_name=f'Partner {self.steps}')

    def do_suspend_partner(self):
        return self.verb('SuspendPartner', self.pick('partners'))

    def do_resume_partner(self):
        return self.verb('ResumePartner', self.pick('partners', lambda p: p.state == p.SUSPENDED))

    def do_cancel_partner(self):
        return self.verb('CancelPartner', self.pick('partners', lambda p: p.name == SPARE_PARTNER and self.steps > 90))

    # Subscriptions and licenses.
    def assign(self, again, **fields):
        """`again`: a plan with a product that the customer has."""
        customer = self.pick('customers')
        has = {l.product for l in self.state['licenses'] if l.name.startswith(customer.name + '/')}
        liked = self.random.choice(['suite', 'sign-in', 'seats', ''])  # those with which there is more to do
        plan = self.pick('servicePlans', lambda p: (p.partner == customer.partner and liked in p.name and
                                                    bool(has & set(p.components)) == again))
        if plan is None:
            return None
        self.call('AssignServicePlan', parent=customer.name, service_plan=plan.name, units=self.units_of(plan),
                  **fields)
        return customer.name

    def do_assign(self):
        return self.assign(False, **(dict(start_date=self.in_days(-20, 30)) if self.random.random() < 0.5 else {}))

    def do_crossgrade(self):
        return self.assign(True, crossgrade=dict(mode='AUTOMATIC',
                                                 expiration=self.random.choice(['PLAN_TERM', 'KEEP_LATEST'])))

    def set_units(self, **fields):
        subscription = self.pick('subscriptions', lambda s: s.state == s.ACTIVE)
        if subscription is None:
            return None
        self.call('UpdateSubscription', subscription=dict(name=subscription.name), units=[
            dict(product=l.product, units=l.units % 60 + 5) for l in subscription.licenses], **fields)
        return subscription.name

    def do_update_units(self):
        return self.set_units()

    def do_schedule_change(self):
        return self.set_units(effective_date=self.in_days(1, 9))

    def do_cancel_scheduled_change(self):
        return self.verb('CancelScheduledChange', self.pick('scheduledChanges', lambda c: c.state == c.PENDING))

    def do_renew(self):
        return self.verb('RenewSubscription', self.pick('subscriptions'), term_months=self.random.randint(1, 3))

    def do_change_service_plan(self):
        subscription = self.pick('subscriptions', lambda s: 'seats-' in s.service_plan and s.state == s.ACTIVE)
        other = subscription and self.pick('servicePlans',
                                           lambda p: 'seats-' in p.name and p.name != subscription.service_plan)
        return other and self.verb('ChangeServicePlan', subscription, service_plan=other.name)

    def do_suspend(self):
        return self.verb('SuspendSubscription', self.pick('subscriptions', lambda s: s.auto_renewal))

    def do_unsuspend(self):
        return self.verb('UnsuspendSubscription', self.pick('subscriptions', lambda s: s.state == s.SUSPENDED))

    def do_cancel(self):
        return self.verb('CancelSubscription', self.pick('subscriptions', lambda s: s.state != s.DISABLED))

    def do_report_usage(self):
        return self.verb('ReportUsage', self.pick('licenses', lambda l: l.state not in (l.EXPIRED, l.DISABLED)),
                         used_units=self.steps)

    def do_activate(self):
        return self.verb('ActivateLicense', self.pick('licenses', lambda l: l.state == l.NOT_ACTIVATED))

    def do_delete_unbundled(self):
        return self.verb('DeleteUnbundledLicense',
                         self.pick('licenses', lambda l: not l.subscription and l.state != l.DISABLED))

    def do_renew_all(self):
        customer = self.pick('customers')
        answer = self.call('BatchUpdateSubscriptions', parent=customer.name, renew=dict(term_months=1))
        return customer.name if answer.results else None

    # Pools and keys.
    def do_add_pool_units(self):
        product = self.pick('products', lambda p: p.kind != p.SUITE)
        return self.call('AddLicensePoolUnits', name=f'{PARTNER}/licensePools/{product.name.split("/")[1]}',
                         units=self.random.randint(200, 900)).name

    def do_update_pool(self):
        return self.update('UpdateLicensePool', 'license_pool', self.pick('licensePools'), minimum_units=self.steps)

    def do_create_key(self):
        plan = self.pick('servicePlans', lambda p: not p.HasField('delete_time'))
        return self.call('CreateRegistrationKey', registration_key=dict(
            service_plan=plan.name, units=self.units_of(plan), expire_date=self.in_days(1, 90))).name

    def do_void_key(self):
        return self.verb('VoidRegistrationKey', self.pick('registrationKeys', lambda k: k.state == k.ISSUED))

    def do_redeem_key(self):
        key = self.pick('registrationKeys', lambda k: k.state == k.ISSUED)
        customer = key and self.pick('customers', lambda c: c.partner == key.partner)
        return customer and self.verb('RedeemRegistrationKey', key, customer=customer.name,
                                      crossgrade=dict(mode='AUTOMATIC'))

    # Products and plans.
    def do_update_product(self):
        return self.update('UpdateProduct', 'product', self.pick('products'), display_name=f'Product {self.steps}')

    def do_end_sale(self):
        return self.verb('EndProductSale', self.pick('products', lambda p: 'fading' in p.name and self.steps > 60))

    def do_end_life(self):
        return self.verb('EndProductLife', self.pick('products', lambda p: 'sunset' in p.name and self.steps > 75),
                         end_date=self.in_days(10, 20))

    def do_create_plan(self):
        product = self.pick('products', lambda p: p.kind == p.SERVICE)
        return self.call('CreateServicePlan', service_plan=dict(display_name=f'Plan {self.steps}', partner=PARTNER,
                                                                product=product.name, initial_term_months=3)).name

    def do_update_plan(self):
        return self.update('UpdateServicePlan', 'service_plan', self.pick('servicePlans', lambda p: not p.nfr),
                           display_name=f'Plan {self.steps}', grace_period_days=self.steps % 60)

    def do_disable_plan(self):
        return self.verb('DisableServicePlan', self.pick('servicePlans'))

    def do_enable_plan(self):
        return self.verb('EnableServicePlan', self.pick('servicePlans', lambda p: not p.enabled))

    def do_delete_plan(self):
        return self.verb('DeleteServicePlan', self.pick('servicePlans', lambda p: p.display_name.startswith('Plan')))

    def do_change_suite(self):
        suite = next(p for p in self.state['products'] if p.name == SUITE)
        verb = 'remove_components' if TOGGLED_COMPONENT in suite.components else 'add_components'
        return self.verb('ChangeSuiteComponents', suite, **{verb: [TOGGLED_COMPONENT]})

    def do_approve_plan(self):
        return self.verb('ApproveServicePlan', self.pick('servicePlans', lambda p: p.state == p.LOCKED))

    def do_apply_updates(self):
        return self.verb('ApplyPlanUpdates', self.pick('subscriptions', lambda s: s.updates_available),
                         crossgrade=dict(mode='AUTOMATIC'))
