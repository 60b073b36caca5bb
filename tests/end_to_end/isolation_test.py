"""Two partners with the same content: to a caller of one, what is the other's is what does not exist.

Every RPC that the caller has a permission for is called with a request of its own, in which each name, wherever it
stands, is exchanged: once for the other partner's, once for one that nobody has. Both answers must be the same, but for
the name."""

import re
import statistics
import subprocess
import time
import unittest

import grpc
from google.protobuf import json_format

import lmp_server
from credentials import api_key, bearer, read_permissions
from lmp_server import ServerTestCase, new_customer, new_request_id, to_date, today
from rpc import METHODS, Rpc, details_of, reference, required

CAS = 'products/cloud-app-security'
OURS, THEIRS = 'partners/acme-msp', 'partners/rival'


class Content:
    """What each of the two partners has, made as the administrator; by what it is."""

    def __init__(self, rpc, partner):
        later = to_date(today() + lmp_server.datetime.timedelta(days=3))
        units = [dict(product=CAS, units=5)]
        self.partner = partner
        self.pool = rpc.AddLicensePoolUnits(name=f'{partner}/licensePools/cloud-app-security', units=100).name
        self.plan = rpc.CreateServicePlan(service_plan=dict(
            display_name='Yearly', partner=partner, product=CAS, initial_term_months=12, auto_renewal=True)).name
        self.other_plan = rpc.CreateServicePlan(service_plan=dict(
            display_name='Other', partner=partner, product=CAS, initial_term_months=6)).name
        self.customer = rpc.CreateCustomer(customer=new_customer(partner=partner, external_id='crm-1')).name
        subscription = rpc.AssignServicePlan(parent=self.customer, service_plan=self.plan, units=units).subscription
        self.subscription, self.license = subscription.name, subscription.licenses[0].name
        self.scheduled_change = rpc.UpdateSubscription(
            subscription=dict(name=self.subscription), units=[dict(product=CAS,
                units=9)], effective_date=later).scheduled_change.name
        self.key = rpc.CreateRegistrationKey(registration_key=dict(service_plan=self.plan, units=units)).name
        self.empty_customer = rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        self.event = rpc.ListEvents(parent=self.customer).events[0].name
        self.token = rpc.IssueLicenseToken(name=self.license).name
        self.api_key = rpc.CreateApiKey(parent=partner, api_key=dict(roles=['CHECKER'])).name

    def names(self):
        return vars(self)


def requests(own):
    """{RPC: fields of a request that is good}: every name in it is one of ours or a product."""
    named = lambda name: dict(name=name)  # noqa: E731
    units = [dict(product=CAS, units=7)]
    customer = dict(name=own.customer, city='Bonn')
    # A verb on something of a customer's or of a plan's needs its name, and what the protos say is required.
    names = {'lmp/Customer': own.customer, 'lmp/License': own.license, 'lmp/RegistrationKey': own.key,
             'lmp/ScheduledChange': own.scheduled_change, 'lmp/ServicePlan': own.plan,
             'lmp/Subscription': own.subscription}
    fields = {name: method.input_type.fields_by_name.get('name') for name, method in METHODS.items()}
    may = read_permissions()[1]
    verbs = {method: dict(name=names[reference(name)], **required(method, names)) for method, name in fields.items()
             if name is not None and reference(name) in names and 'PARTNER_ADMIN' in may[method][1]}
    return {
        **verbs,
        'GetPartner': named(own.partner), 'ListPartners': {},
        'CreateCustomer': dict(customer=json_format.MessageToDict(new_customer(partner=own.partner),
            preserving_proto_field_name=True)),
        'GetCustomer': named(own.customer), 'ListCustomers': {}, 'UpdateCustomer': dict(customer=customer),
        'BatchGetCustomers': dict(names=[own.empty_customer, own.customer]),
        'DisableCustomer': named(own.customer), 'EnableCustomer': named(own.customer),
            'DeleteCustomer': named(own.customer),
        'UndeleteCustomer': named(own.customer),
        'GetProduct': named(CAS), 'ListProducts': {},
        'CreateServicePlan': dict(service_plan=dict(display_name='New', partner=own.partner, product=CAS,
            initial_term_months=1)),
        'GetServicePlan': named(own.plan), 'ListServicePlans': {},
        'UpdateServicePlan': dict(service_plan=dict(name=own.plan, display_name='Renamed')),
        'EnableServicePlan': named(own.plan), 'DisableServicePlan': named(own.plan),
            'DeleteServicePlan': named(own.plan),
        'ApproveServicePlan': named(own.plan), 'ListAssignableServicePlans': dict(customer=own.customer),
        'AssignServicePlan': dict(parent=own.empty_customer, service_plan=own.plan, units=units),
        'GetSubscription': named(own.subscription), 'ListSubscriptions': dict(parent=own.customer),
        'UpdateSubscription': dict(subscription=dict(name=own.subscription), units=units),
        'ChangeServicePlan': dict(name=own.subscription, service_plan=own.other_plan),
        'RenewSubscription': named(own.subscription), 'SuspendSubscription': named(own.subscription),
        'UnsuspendSubscription': named(own.subscription), 'CancelSubscription': named(own.subscription),
        'ApplyPlanUpdates': named(own.subscription), 'BatchApplyPlanUpdates': dict(service_plan=own.plan),
        'BatchUpdateSubscriptions': dict(parent=own.customer, subscriptions=[own.subscription], renew={}),
        'ListScheduledChanges': dict(parent=own.subscription), 'CancelScheduledChange': named(own.scheduled_change),
        'GetLicense': named(own.license), 'ListLicenses': dict(parent=own.customer),
        'CheckLicense': dict(customer=own.customer, product=CAS),
        'BatchCheckLicenses': dict(requests=[dict(customer=own.empty_customer, product=CAS),
            dict(customer=own.customer, product=CAS)]),
        'ActivateLicense': named(own.license), 'DeleteUnbundledLicense': named(own.license),
        'ReportUsage': dict(name=own.license, used_units=1),
        'GetLicensePool': named(own.pool), 'ListLicensePools': dict(parent=own.partner),
        'CreateRegistrationKey': dict(registration_key=dict(service_plan=own.plan, units=units)),
        'GetRegistrationKey': named(own.key), 'ListRegistrationKeys': dict(service_plan=own.plan),
        'UpdateRegistrationKey': dict(registration_key=dict(name=own.key, note='x')),
            'VoidRegistrationKey': named(own.key),
        'RedeemRegistrationKey': dict(name=own.key, customer=own.empty_customer),
        'IssueLicenseToken': named(own.license), 'ListLicenseTokenKeys': {},
            'GetLicenseRevocationList': dict(parent=own.customer),
        'GetUsageReport': dict(parent=own.partner, month=dict(year=today().year, month=today().month)),
        'GetEvent': named(own.event), 'ListEvents': dict(parent=own.customer), 'ExplainLicense': named(own.license),
        'CreateApiKey': dict(parent=own.partner, api_key=dict(roles=['CUSTOMER_VIEWER'], customer=own.customer)),
        'GetApiKey': named(own.api_key), 'ListApiKeys': dict(parent=own.partner),
        'UpdateApiKey': dict(api_key=dict(name=own.api_key, display_name='x')), 'RevokeApiKey': named(own.api_key),
        'WhoAmI': {},
        'WatchEvents': dict(partner=own.partner, customer=own.customer), 'GetHistoryHead': {},
        'WatchLicenses': dict(partner=own.partner, customer=own.customer), 'ExportHistory': {},
        'GetEventProof': named(own.event), 'RevertChange': named(own.event),
    }


# Lists that take a filter, and fields of theirs that hold names.
FILTERS = {'ListPartners': ['name'], 'ListCustomers': ['name', 'partner', 'external_id'],
    'ListServicePlans': ['name', 'partner'],
           'ListSubscriptions': ['name', 'service_plan'], 'ListLicenses': ['name'], 'ListLicensePools': ['name'],
           'ListRegistrationKeys': ['name', 'service_plan', 'partner'], 'ListScheduledChanges': ['name'],
           'ListApiKeys': ['name']}
FIELD_OF = {'ListPartners': 'partner', 'ListCustomers': 'customer', 'ListServicePlans': 'plan',
    'ListSubscriptions': 'subscription',
            'ListLicenses': 'license', 'ListLicensePools': 'pool', 'ListRegistrationKeys': 'key',
                'ListScheduledChanges': 'scheduled_change', 'ListApiKeys': 'api_key'}


def leaves(value, path=()):
    """(path, text) of all texts in a request's fields."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, path + (key,))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from leaves(one, path + (i,))


def with_leaf(value, path, text):
    """A copy with another text there."""
    if not path:
        return text
    if isinstance(value, dict):
        return {k: with_leaf(v, path[1:], text) if k == path[0] else v for k, v in value.items()}
    return [with_leaf(v, path[1:], text) if i == path[0] else v for i, v in enumerate(value)]


class Isolation(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def make_server(cls, stack):
        key = cls.directory / 'token.pem'
        subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', key], check=True, capture_output=True)
        return lmp_server.LmpServer(cls.directory, ['--token-key-file', key, *cls.server_args])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.rpc.CreatePartner(partner_id='rival', partner=dict(display_name='Rival', tier='DISTRIBUTOR'))
        cls.ours, cls.theirs = Content(cls.rpc, OURS), Content(cls.rpc, THEIRS)
        cls.key = bearer(api_key(cls.server, '--role', 'PARTNER_ADMIN', '--partner', OURS))
        cls.their_key = bearer(api_key(cls.server, '--role', 'PARTNER_ADMIN', '--partner', THEIRS))
        cls.requests = requests(cls.ours)
        # Every id of theirs, that no answer may have.
        cls.secrets = {part for name in cls.theirs.names().values() for part in name.split('/')[1::2]}
        cls.secrets -= {'cloud-app-security', cls.theirs.event.split('/')[1]}

    def seen(self, name, fields, key=None):
        """What the caller gets, as text; nothing is changed. One and the same thing for the same text."""
        if 'validate_only' in METHODS[name].input_type.fields_by_name:
            fields = {**fields, 'validate_only': True}
        try:
            answer = getattr(self.rpc, name)(metadata=key or self.key, **fields)
        except grpc.RpcError as error:
            error = lmp_server.Error(error)
            details = {name: str(detail) for name, detail in details_of(error).items()}
            return f'{error.code.name} {error.reason} {error.message} {details}'
        return json_format.MessageToJson(answer)

    def missing(self, name):
        """A name of the same form, of which nothing exists, its parent neither."""
        if name.startswith('events/'):
            return 'events/999999'
        return re.sub(
            r'(?<=/)(?!apiKeys|licensePools|subscriptions|licenses|scheduledChanges|cloud-app-security)[\w-]+',
            'gone', name)

    def without(self, text, name):
        """Without what the request itself said: the name, and that of its parent."""
        text = text.replace(name, 'NAME')
        return text.replace(name.rsplit('/', 2)[0], 'PARENT') if name.count('/') > 1 else text

    def normal(self, text, name):
        text = self.without(text, name)
        text = re.sub(r'"read_?[tT]ime": "[^"]*"', '', text)
        return re.sub(r'\d{4}-\d\d-\d\dT[0-9:.]+Z', 'TIME', text)

    def assert_nothing_of_theirs(self, text, but=''):
        """But for what the request itself said."""
        for secret in self.secrets:
            self.assertNotIn(secret, self.without(text, but) if but else text)

    def test_every_rpc_that_the_role_has_is_walked(self):
        allowed = {name for name, (_, roles) in read_permissions()[1].items() if 'PARTNER_ADMIN' in roles}
        self.assertEqual(set(self.requests), allowed)

    def test_the_requests_are_good_as_they_are(self):
        """Or say something about the state, which one learns only about what one may see."""
        for name, fields in self.requests.items():
            with self.subTest(rpc=name):
                seen = self.seen(name, fields)
                self.assertNotRegex(seen, r'^(NOT_FOUND|INVALID_ARGUMENT|PERMISSION_DENIED|INTERNAL|UNAVAILABLE)')
                self.assert_nothing_of_theirs(seen)

    def test_what_is_theirs_is_what_does_not_exist(self):
        theirs = {ours: self.theirs.names()[what] for what, ours in self.ours.names().items()}
        walked = 0
        for name, fields in self.requests.items():
            for path, text in leaves(fields):
                if text not in theirs:
                    continue
                with self.subTest(rpc=name, field=path):
                    other, gone = theirs[text], self.missing(theirs[text])
                    answer = self.seen(name, with_leaf(fields, path, other))
                    expected = self.seen(name, with_leaf(fields, path, gone))
                    self.assertEqual(self.normal(answer, other), self.normal(expected, gone))
                    self.assert_nothing_of_theirs(answer, other)
                    walked += 1
        print(f'\n{len(self.requests)} RPCs, {walked} fields with the other partner\'s names: as if they did not exist')
        self.assertGreaterEqual(walked, 41)

    def test_lists_have_nothing_of_theirs_whatever_they_are_asked(self):
        tried = 0
        for name, fields in FILTERS.items():
            base = {k: v for k, v in self.requests[name].items() if k not in ('parent', 'service_plan')}
            if name in ('ListSubscriptions', 'ListLicenses', 'ListLicensePools', 'ListScheduledChanges'):
                base['parent'] = {'ListLicensePools': 'partners/-',
                    'ListScheduledChanges': 'customers/-/subscriptions/-'}.get(
                    name, 'customers/-')
            own = getattr(self.rpc, name)(metadata=self.key, **base)
            text = json_format.MessageToJson(own)
            self.assertIn(self.ours.names()[FIELD_OF[name]], text, f'{name} shows what is ours')
            self.assert_nothing_of_theirs(text)
            for field in fields:
                value = {'name': self.theirs.names()[FIELD_OF[name]], 'partner': THEIRS,
                    'service_plan': self.theirs.plan,
                         'external_id': 'crm-1'}[field]
                with self.subTest(rpc=name, field=field):
                    found = json_format.MessageToJson(
    getattr(
        self.rpc,
        name)(
            metadata=self.key,
            filter=f'{field} = "{value}"',
             **base))
                    self.assert_nothing_of_theirs(found)
                    tried += 1
            # A page token of theirs shows nothing of theirs to us.
            page = getattr(self.rpc, name)(metadata=self.their_key, page_size=1, **base)
            if page.next_page_token:
                self.assert_nothing_of_theirs(self.seen(name, dict(base, page_size=1, page_token=page.next_page_token)))
                tried += 1
        self.assertGreater(tried, 14)

    def test_a_request_id_of_theirs_is_ours_to_use(self):
        request_id = new_request_id()
        fields = dict(customer=new_customer(partner=THEIRS), request_id=request_id)
        made = self.rpc.CreateCustomer(metadata=self.their_key, **fields)
        ours = self.rpc.CreateCustomer(metadata=self.key, customer=new_customer(partner=OURS), request_id=request_id)
        self.assertNotEqual(made.name, ours.name)
        self.assertEqual(ours.partner, OURS)

    def viewer(self, customer):
        key = self.rpc.CreateApiKey(parent=OURS, api_key=dict(roles=['CUSTOMER_VIEWER'], customer=customer))
        return bearer(key.secret)

    def test_who_is_bound_to_a_customer_sees_that_one_and_of_all_else_nothing(self):
        """The partner's other customers are to it what does not exist, and so is all that is the partner's."""
        allowed = {name for name, (_, roles) in read_permissions()[1].items() if 'CUSTOMER_VIEWER' in roles}
        key, other = self.viewer(self.ours.customer), self.viewer(self.ours.empty_customer)
        for name in sorted(allowed):
            fields = self.requests[name]
            with self.subTest(rpc=name):
                self.assertNotRegex(self.seen(name, {**fields, **self.names_of(name, self.ours.customer)}, key),
                                    r'^(NOT_FOUND|INVALID_ARGUMENT|PERMISSION_DENIED|INTERNAL|UNAVAILABLE)')
        walked = 0
        for name in sorted(allowed):
            for path, text in leaves(self.requests[name]):
                if not text.startswith(self.ours.customer) and text != self.ours.event:
                    continue
                with self.subTest(rpc=name, field=path):
                    gone = self.missing(text)
                    answer = self.seen(name, with_leaf(self.requests[name], path, text), other)
                    expected = self.seen(name, with_leaf(self.requests[name], path, gone), other)
                    self.assertEqual(self.normal(answer, text), self.normal(expected, gone))
                    walked += 1
        self.assertGreaterEqual(walked, 11)
        print(f'\n{len(allowed)} RPCs, {walked} names of another customer of the same partner: as if there were none')

    def names_of(self, name, customer):
        """In place of fields that name a second customer of ours."""
        return {'BatchGetCustomers': dict(names=[customer]), 'WatchEvents': dict(partner=''),
                'WatchLicenses': dict(partner=''),
                'BatchCheckLicenses': dict(requests=[dict(customer=customer, product=CAS)])}.get(name, {})

    def test_lists_of_who_is_bound_to_a_customer(self):
        key, other = self.viewer(self.ours.customer), self.viewer(self.ours.empty_customer)
        lists = {'ListCustomers': {}, 'ListSubscriptions': dict(parent='customers/-'),
                 'ListLicenses': dict(parent='customers/-'),
                 'ListScheduledChanges': dict(parent='customers/-/subscriptions/-')}
        for name, fields in lists.items():
            for order in ('name', 'name desc'):
                found = getattr(self.rpc, name)(metadata=key, order_by=order, **fields)
                names = re.findall(r'"name": "([^"]*)"', json_format.MessageToJson(found))
                self.assertTrue(names and all(n.startswith(self.ours.customer) for n in names), (name, names))
                others = json_format.MessageToJson(getattr(self.rpc, name)(metadata=other, order_by=order, **fields))
                self.assertNotIn(self.ours.customer, others)
        self.await_history()
        for caller, customer in ((key, self.ours.customer), (other, self.ours.empty_customer)):
            events = self.rpc.ListEvents(parent='-', page_size=1000, metadata=caller).events
            self.assertTrue(events, customer)
            self.assertEqual([e for e in events if not e.change.resource.startswith(customer)], [], customer)
        for parent in (OURS, CAS, self.ours.plan, self.ours.key, self.ours.empty_customer):
            self.assertRegex(self.seen('ListEvents', dict(parent=parent), key), '^NOT_FOUND')
        self.assertIn('license', self.seen('ExplainLicense', dict(name=self.ours.license), key))

    def test_an_id_of_another_tenant_can_not_be_had_and_nothing_else_is_said(self):
        plan = self.requests['CreateServicePlan']['service_plan']
        for i, partner in enumerate((OURS, THEIRS)):
            self.rpc.CreateCustomer(customer_id=f'taken-{i}', customer=new_customer(partner=partner))
            self.rpc.CreateServicePlan(service_plan_id=f'taken-{i}', service_plan={
                **plan, 'partner': partner, 'display_name': 'Taken'})
        for name, fields in (('CreateCustomer', dict(customer=new_customer(partner=OURS))),
                             ('CreateServicePlan', dict(service_plan=plan))):
            id_field = 'customer_id' if name == 'CreateCustomer' else 'service_plan_id'
            ours, theirs = (self.seen(name, {**fields, id_field: f'taken-{i}'}) for i in range(2))
            self.assertRegex(theirs, '^ALREADY_EXISTS')
            self.assertEqual(theirs.replace('taken-1', 'ID'), ours.replace('taken-0', 'ID'), 'of ours no more is said')
            for word in (THEIRS, 'exists'):
                self.assertNotIn(word, theirs)

    def test_what_is_theirs_takes_as_long_as_what_does_not_exist(self):
        """Medians of many, and no tighter than a busy machine allows: no look at another's rows hides here."""
        for name, theirs in (('GetCustomer', self.theirs.customer), ('GetLicense', self.theirs.license),
                             ('GetApiKey', self.theirs.api_key), ('ListEvents', self.theirs.customer)):
            field = 'parent' if name == 'ListEvents' else 'name'
            spent = {theirs: [], self.missing(theirs): []}
            for _ in range(60):
                for text, times in spent.items():
                    started = time.perf_counter()
                    self.seen(name, {field: text})
                    times.append(time.perf_counter() - started)
            one, other = (statistics.median(times) for times in spent.values())
            with self.subTest(rpc=name):
                print(f'{name}: {one * 1e3:.2f} ms of theirs, {other * 1e3:.2f} ms of nobody\'s')
                self.assertLess(one, 3 * other + 0.005)

    def test_the_distributor_above_reads_and_changes_nothing(self):
        key = bearer(api_key(self.server, '--role', 'PARTNER_ADMIN', '--partner', 'partners/north-distribution'))
        self.assertEqual(self.rpc.GetCustomer(name=self.ours.customer, metadata=key).name, self.ours.customer)
        self.assertRegex(
    self.seen(
        'UpdateCustomer',
        dict(
            customer=dict(
                name=self.ours.customer,
                city='Bonn')),
                key),
                 '^NOT_FOUND')
        self.assertRegex(self.seen('GetCustomer', dict(name=self.theirs.customer), key), '^NOT_FOUND')


if __name__ == '__main__':
    unittest.main()
