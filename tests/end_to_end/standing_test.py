"""Who is disabled, deleted, suspended or canceled: over the wire as the table in server/domain/standing.h says, and as
each RPC's comment lists it."""

import concurrent.futures
import re
import unittest

import grpc

import lmp_server
from lmp_server import ServerTestCase, call_error, new_customer
from rpc import METHODS, PROTO, Rpc

TABLE = PROTO.parent / 'server/domain/standing.h'
AUTOMATIC = dict(mode='AUTOMATIC')
CAS = 'products/cloud-app-security'


def in_three_days():
    return lmp_server.to_date(lmp_server.today() + lmp_server.datetime.timedelta(days=3))


def read_table():
    """{RPC: (states of the partner, states of the customer, whose own verb)}: those in which it is done."""
    text = TABLE.read_text()
    named = {name: [word.strip() == 'true' for word in bits.split(',')]
             for name, bits in re.findall(r'States (k\w+)\{([^}]*)\}', text)}

    def states(cell, names):
        spelled = [word == 'true' for word in re.findall(r'true|false', cell)]
        bits = named[cell.removeprefix('standing::')] if 'standing::' in cell else spelled
        return {name for name, bit in zip(names, bits) if bit}

    rows = re.findall(r'\{Verb::k(\w+), "(\w+)", (standing::\w+|\{[^}]*\}), (standing::\w+|\{[^}]*\})(?:, '
                      r'Changes::k(\w+))?\}', text)
    return {name: (states(partner, ['ACTIVE', 'SUSPENDED', 'CANCELED']),
                   states(customer, ['ENABLED', 'DISABLED', 'DELETED']), own)
            for _, name, partner, customer, own in rows}


def read_errors():
    """{RPC: the names in capitals of its comment, with those that its phrases stand for}."""
    of_partner = 'PARTNER_SUSPENDED PARTNER_CANCELED'
    found, comment = {}, ''
    for path in ('customer_service.proto', 'licensing_service.proto'):
        for line in (PROTO / 'lmp/v1' / path).read_text().splitlines():
            if line.strip().startswith('//'):
                comment += line.strip()[2:]
                continue
            if rpc := re.match(r'\s*rpc (\w+)\(', line):
                errors = comment[comment.index('Errors:'):] if 'Errors:' in comment else ''
                errors = re.sub(r'[Tt]hose\s+of\s+customer\s+and\s+partner',
                                f'CUSTOMER_DELETED CUSTOMER_DISABLED {of_partner}', errors)
                errors = re.sub(r'[Tt]hose\s+of\s+(its|the|their)\s+partner', of_partner, errors)
                for other in re.findall(r'as (\w+)', errors) + re.findall(r'those of (\w+)', errors):
                    errors += ' ' + ' '.join(found.get(other, ()))
                found[rpc[1]] = set(re.findall(r'\b[A-Z][A-Z_]{3,}\b', errors))
            comment = ''
    return found


class Contract(unittest.TestCase):
    """No server is needed to compare the table with the protos."""

    def test_every_mutation_has_a_row_and_every_row_a_mutation(self):
        mutations = {name for name, method in METHODS.items() if 'validate_only' in method.input_type.fields_by_name}
        self.assertEqual(mutations, set(read_table()))

    def test_every_rpc_lists_the_states_that_it_refuses_and_no_others(self):
        errors = read_errors()
        for name, (partner, customer, own) in read_table().items():
            with self.subTest(rpc=name):
                refused = set()
                for states, all_of, prefix in ((partner, ('SUSPENDED', 'CANCELED'), 'PARTNER_'),
                                               (customer, ('DISABLED', 'DELETED'), 'CUSTOMER_')):
                    if own == prefix.strip('_').capitalize():
                        # Its own state is WRONG_STATE; only a deleted customer is said to be deleted.
                        refused |= {'CUSTOMER_DELETED'} if own == 'Customer' and 'DELETED' not in states else set()
                        continue
                    refused |= {prefix + state for state in all_of if state not in states}
                listed = {e for e in errors[name]
                          if re.fullmatch('PARTNER_(SUSPENDED|CANCELED)|CUSTOMER_(DISABLED|DELETED)', e)}
                self.assertEqual(listed, refused)


class Standing(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def setUp(self):
        self.rpc = Rpc(self.client)

    def reason(self, method, **fields):
        return call_error(getattr(self.rpc, method), **fields).reason

    def partner(self):
        return self.rpc.CreatePartner(partner=dict(display_name='Fresh', tier='DISTRIBUTOR')).name

    def plan(self, partner, **fields):
        return self.rpc.CreateServicePlan(service_plan={**dict(
            display_name='Fresh', partner=partner, product=CAS, initial_term_months=12), **fields}).name

    def customer_with(self, **fields):
        """A customer of a partner of its own, and its subscription."""
        partner = self.partner()
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        plan = self.plan(partner, **fields)
        return partner, customer, self.assign(customer, plan)

    def assign(self, customer, plan, **fields):
        return self.rpc.AssignServicePlan(parent=customer, service_plan=plan, units=[dict(product=CAS, units=10)],
                                          **fields).subscription

    def test_a_disabled_customer_is_changed_by_nothing_but_its_own_verbs(self):
        _, customer, subscription = self.customer_with(auto_renewal=True)
        later = self.rpc.UpdateSubscription(
            subscription=dict(name=subscription.name), units=[dict(product=CAS, units=20)],
            effective_date=in_three_days()).scheduled_change.name
        disabled = self.rpc.DisableCustomer(name=customer)
        self.assertTrue(disabled.HasField('disable_time'))
        name, license = subscription.name, subscription.licenses[0].name
        for method, fields in (
                ('UpdateSubscription', dict(subscription=dict(name=name), units=[dict(product=CAS, units=20)])),
                ('ChangeServicePlan', dict(name=name, service_plan='servicePlans/cas-monthly')),
                ('RenewSubscription', dict(name=name)), ('SuspendSubscription', dict(name=name)),
                ('UnsuspendSubscription', dict(name=name)), ('CancelSubscription', dict(name=name)),
                ('ApplyPlanUpdates', dict(name=name)), ('CancelScheduledChange', dict(name=later)),
                ('BatchUpdateSubscriptions', dict(parent=customer, cancel={})),
                ('DeleteUnbundledLicense', dict(name=license)), ('ActivateLicense', dict(name=license)),
                ('IssueLicenseToken', dict(name=license)),
                ('AssignServicePlan', dict(parent=customer, service_plan='servicePlans/cas-annual'))):
            with self.subTest(method=method):
                want = 'TOKEN_KEY_MISSING' if method == 'IssueLicenseToken' else 'CUSTOMER_DISABLED'
                self.assertIn(self.reason(method, **fields), {want, 'CUSTOMER_DISABLED'})
        self.assertEqual(self.rpc.ReportUsage(name=license, used_units=3).used_units, 3)  # counted before, it is billed
        self.assertEqual(self.rpc.UpdateCustomer(customer=dict(name=customer, note='late payer')).note, 'late payer')
        enabled = self.rpc.EnableCustomer(name=customer)
        self.assertFalse(enabled.HasField('disable_time'))
        self.assertEqual(list(enabled.losses), [])

    def test_what_a_disabled_customer_lost_is_in_the_answer_of_enable(self):
        _, customer, subscription = self.customer_with(initial_term_months=1, auto_renewal=True)
        soon = self.rpc.UpdateSubscription(
            subscription=dict(name=subscription.name), units=[dict(product=CAS, units=20)],
            effective_date=in_three_days()).scheduled_change.name
        self.rpc.DisableCustomer(name=customer)
        id = customer.split('/')[1]
        # A year goes by.
        self.server.sql("UPDATE customers SET disable_time = disable_time - INTERVAL 1 YEAR WHERE customer_id = "
                        f"'{id}'; "
                        "UPDATE scheduled_changes SET effective_date = effective_date - INTERVAL 1 YEAR WHERE "
                        f"customer_id = '{id}'; "
                        "UPDATE licenses SET start_date = start_date - INTERVAL 1 YEAR, anchor_date = anchor_date - "
                        "INTERVAL 1 YEAR, "
                        "expiration_date = expiration_date - INTERVAL 1 YEAR, grace_end_date = grace_end_date - "
                        "INTERVAL 1 YEAR, "
                        f"due_date = due_date - INTERVAL 1 YEAR WHERE customer_id = '{id}'")
        preview = self.rpc.EnableCustomer(name=customer, validate_only=True)
        enabled = self.rpc.EnableCustomer(name=customer)
        self.assertEqual([loss.resource for loss in enabled.losses], [subscription.licenses[0].name, soon])
        self.assertEqual(preview.losses, enabled.losses)
        self.assertIn('not renewed', enabled.losses[0].text)
        change = self.rpc.ListScheduledChanges(parent=subscription.name, show_all=True).scheduled_changes[0]
        self.assertEqual(change.State.Name(change.state), 'DROPPED')
        self.assertEqual(list(self.rpc.GetCustomer(name=customer).losses), [])

    def test_what_products_report_is_taken_from_a_suspended_partners_customers(self):
        partner, customer, subscription = self.customer_with(activation_policy='ON_FIRST_SIGN_IN')
        license = subscription.licenses[0].name
        self.rpc.SuspendPartner(name=partner)
        self.assertEqual(self.rpc.ReportUsage(name=license, used_units=7).used_units, 7)
        self.assertTrue(self.rpc.ActivateLicense(name=license).HasField('activate_time'))
        self.assertEqual(self.reason('RenewSubscription', name=subscription.name), 'PARTNER_SUSPENDED')
        self.rpc.CancelPartner(name=partner)
        self.assertEqual(self.reason('ReportUsage', name=license, used_units=8), 'PARTNER_CANCELED')

    def test_the_list_of_assignable_plans_has_pages_in_one_order(self):
        partner = self.partner()
        plans = [self.plan(partner, display_name=f'Plan {number % 5} {number:02}') for number in range(12)]
        for name in plans[:3]:
            self.rpc.DisableServicePlan(name=name)
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        whole = self.rpc.ListAssignableServicePlans(customer=customer)
        self.assertEqual((len(whole.plans), whole.next_page_token), (12, ''))
        order = [(p.assignability == p.NOT_ASSIGNABLE, p.service_plan.display_name) for p in whole.plans]
        self.assertEqual(order, sorted(order))
        self.assertEqual([refused for refused, _ in order].count(True), 3)
        paged, token, sizes = [], '', []
        while not sizes or token:
            page = self.rpc.ListAssignableServicePlans(customer=customer, page_size=5, page_token=token)
            paged += page.plans
            sizes.append(len(page.plans))
            token = page.next_page_token
        self.assertEqual((paged, sizes), (list(whole.plans), [5, 5, 2]))
        found = self.rpc.ListAssignableServicePlans(
            customer=customer, filter='assignability = ASSIGNABLE AND service_plan.display_name:"Plan 1"').plans
        self.assertEqual([p.service_plan.display_name for p in found], ['Plan 1 06', 'Plan 1 11'])
        self.assertEqual(self.reason('ListAssignableServicePlans', customer=customer, filter='color = red',
                                     page_size=-1), 'INVALID_FIELDS')

    def test_the_list_of_assignable_plans_says_what_assigning_says(self):
        partner = self.partner()
        plan = self.plan(partner)
        trial = self.plan(partner, display_name='Trial', version='TRIAL', initial_term_months=1)
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name

        def agree(reason):
            plans = {p.service_plan.name: p for p in self.rpc.ListAssignableServicePlans(customer=customer).plans}
            self.assertEqual(plans[plan].Assignability.Name(plans[plan].assignability), 'NOT_ASSIGNABLE')
            self.assertEqual(lmp_server.errors_pb2.ErrorReason.Name(plans[plan].reason), reason)
            self.assertEqual(self.reason('AssignServicePlan', parent=customer, service_plan=plan,
                                         units=[dict(product=CAS, units=10)]), reason)

        self.rpc.DisableCustomer(name=customer)
        agree('CUSTOMER_DISABLED')
        self.rpc.EnableCustomer(name=customer)
        self.assign(customer, trial)
        plans = {p.service_plan.name: p for p in self.rpc.ListAssignableServicePlans(customer=customer).plans}
        self.assertEqual(lmp_server.errors_pb2.ErrorReason.Name(plans[trial].reason), 'TRIAL_REPEATED')
        self.assertEqual(self.reason('AssignServicePlan', parent=customer, service_plan=trial, crossgrade=AUTOMATIC,
                                     units=[dict(product=CAS, units=10)]), 'TRIAL_REPEATED')
        self.rpc.DeleteCustomer(name=customer, force=True)
        agree('CUSTOMER_DELETED')
        self.rpc.UndeleteCustomer(name=customer)
        self.rpc.SuspendPartner(name=partner)
        agree('PARTNER_SUSPENDED')
        self.rpc.CancelPartner(name=partner)
        agree('PARTNER_CANCELED')

    def test_a_batch_skips_the_subscription_it_does_not_apply_to(self):
        _, customer, subscription = self.customer_with(auto_renewal=True)
        partner = self.rpc.GetCustomer(name=customer).partner
        other = self.plan(partner, display_name='Other', product='products/hosted-email-security')
        beside = self.rpc.AssignServicePlan(parent=customer, service_plan=other,
                                            units=[dict(product='products/hosted-email-security',
                                                        units=10)]).subscription
        done = self.rpc.BatchUpdateSubscriptions(parent=customer, update=dict(units=[dict(product=CAS, units=20)]))
        self.assertEqual([r.subscription.name for r in done.results], [subscription.name])
        self.assertEqual([s.subscription for s in done.skipped], [beside.name])
        done = self.rpc.BatchUpdateSubscriptions(parent=customer, update=dict(
            subscription=dict(renewal_term_months=6), update_mask=dict(paths=['renewal_term_months'])))
        self.assertEqual([s.subscription for s in done.skipped], [beside.name])
        self.assertEqual(self.reason('BatchUpdateSubscriptions', parent=customer, update=dict(
            subscription=dict(renewal_term_months=67), update_mask=dict(paths=['renewal_term_months']))),
                         'INVALID_FIELDS')

    def test_names_come_back_when_their_owner_can_not(self):
        partner = self.partner()
        new = lambda: self.rpc.CreateCustomer(customer=new_customer(partner=partner, external_id='K1')).name
        first = new()
        self.rpc.DeleteCustomer(name=first)
        self.assertEqual(call_error(new).reason, 'EXTERNAL_ID_TAKEN')  # it may come back
        self.server.sql("UPDATE customers SET delete_time = delete_time - INTERVAL 33 DAY WHERE customer_id = "
                        f"'{first.split('/')[1]}'")
        self.assertEqual(self.rpc.GetCustomer(name=first).external_id, 'K1')
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(lambda: call_error_or_none(new)) for _ in range(8)]
            errors = [call.result() for call in calls]
        self.assertEqual(sorted(e.reason for e in errors if e), ['EXTERNAL_ID_TAKEN'] * 7)
        self.assertEqual(self.rpc.GetCustomer(name=first).external_id, '')
        event = [e for e in self.rpc.ListEvents(parent=first).events if e.change.event_kind == 'CUSTOMER_CREATED']
        self.assertEqual(len(event), 2, 'its own, and the one that took its id')
        self.assertEqual(self.reason('UndeleteCustomer', name=first), 'WRONG_STATE')
        # Taken by an update, too.
        second = self.rpc.CreateCustomer(customer=new_customer(partner=partner, external_id='K2')).name
        other = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        self.rpc.DeleteCustomer(name=second)
        take = dict(customer=dict(name=other, external_id='K2'))
        self.assertEqual(self.reason('UpdateCustomer', **take), 'EXTERNAL_ID_TAKEN')
        self.server.sql("UPDATE customers SET delete_time = delete_time - INTERVAL 31 DAY WHERE customer_id = "
                        f"'{second.split('/')[1]}'")
        self.assertEqual(self.rpc.UpdateCustomer(validate_only=True, **take).external_id, 'K2')
        self.assertEqual(self.rpc.GetCustomer(name=second).external_id, 'K2')
        self.assertEqual(self.rpc.UpdateCustomer(**take).external_id, 'K2')
        # A plan that is deleted never comes back.
        plan = self.plan(partner, display_name='Best')
        self.assertEqual(call_error(self.plan, partner, display_name='Best').reason, 'PLAN_NAME_TAKEN')
        self.rpc.DeleteServicePlan(name=plan)
        self.assertNotEqual(self.plan(partner, display_name='Best'), plan)
        self.assertEqual(call_error(self.plan, partner, display_name='Best').reason, 'PLAN_NAME_TAKEN')

    def test_a_key_that_no_longer_fits_its_plan_is_stale_until_it_gets_other_units(self):
        partner = self.partner()
        suite = self.rpc.CreateProduct(product=dict(display_name='Suite', kind='SUITE', components=[
            CAS, 'products/hosted-email-security'])).name
        plan = self.plan(partner, product=suite)
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        units = [dict(product=CAS, units=10), dict(product='products/hosted-email-security', units=10)]
        key = self.rpc.CreateRegistrationKey(registration_key=dict(service_plan=plan, units=units))
        self.assertFalse(key.stale)
        self.rpc.ChangeSuiteComponents(name=suite, add_components=['products/worry-free-services'])
        self.assertEqual(self.reason('RedeemRegistrationKey', name=key.name, customer=customer), 'PLAN_LOCKED')
        self.rpc.ApproveServicePlan(name=plan)
        self.assertTrue(self.rpc.GetRegistrationKey(name=key.name).stale)
        listed = self.rpc.ListRegistrationKeys(service_plan=plan, filter='stale = true').registration_keys
        self.assertEqual([k.name for k in listed], [key.name])
        self.assertEqual(self.reason('RedeemRegistrationKey', name=key.name, customer=customer),
                         'REGISTRATION_KEY_STALE')
        self.assertEqual(self.reason('UpdateRegistrationKey', registration_key=dict(name=key.name, units=units)),
                         'INVALID_FIELDS')
        units.append(dict(product='products/worry-free-services', units=10))
        updated = self.rpc.UpdateRegistrationKey(registration_key=dict(name=key.name, units=units, etag=key.etag))
        self.assertFalse(updated.stale)
        self.assertEqual(updated.note, key.note)
        redeemed = self.rpc.RedeemRegistrationKey(name=key.name, customer=customer)
        self.assertEqual(len(redeemed.subscription.licenses), 3)
        self.assertEqual(self.reason('UpdateRegistrationKey', registration_key=dict(name=key.name, note='late')),
                         'WRONG_STATE')

    def test_a_suspended_subscription_shows_that_its_plan_has_updates(self):
        partner = self.partner()
        suite = self.rpc.CreateProduct(product=dict(display_name='Suite', kind='SUITE', components=[
            CAS, 'products/hosted-email-security'])).name
        plan = self.plan(partner, product=suite, auto_renewal=True)
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name
        name = self.rpc.AssignServicePlan(parent=customer, service_plan=plan, units=[
            dict(product=CAS, units=10), dict(product='products/hosted-email-security', units=10)]).subscription.name
        self.rpc.SuspendSubscription(name=name)
        self.rpc.ChangeSuiteComponents(name=suite, add_components=['products/worry-free-services'])
        self.rpc.ApproveServicePlan(name=plan)
        self.assertTrue(self.rpc.GetSubscription(name=name).updates_available)

    def test_a_canceled_license_is_disabled_also_after_the_end_it_would_have_had(self):
        for canceled, state in ((True, 'DISABLED'), (False, 'EXPIRED')):
            _, customer, subscription = self.customer_with()
            self.rpc.CancelSubscription(name=subscription.name)
            id = customer.split('/')[1]
            # The end was five days ago; the cancellation was before that, or it was time that put the license away.
            self.server.sql("UPDATE licenses SET start_date = CURDATE() - INTERVAL 60 DAY, expiration_date = "
                            "CURDATE() - INTERVAL 10 DAY, "
                            f"grace_end_date = CURDATE() - INTERVAL 5 DAY, "
                            f"update_time = update_time - INTERVAL {20 if canceled else 1} DAY WHERE customer_id = "
                            f"'{id}'")
            check = self.rpc.CheckLicense(customer=customer, product=CAS)
            license = self.rpc.GetLicense(name=subscription.licenses[0].name)
            self.assertEqual(license.State.Name(license.state), state)
            self.assertEqual(license.State.Name(check.state), state)
            self.assertEqual(check.Reason.Name(check.reason), state)

    def test_automatic_takes_the_license_in_use_and_names_the_others(self):
        partner = self.partner()
        software = self.rpc.CreateProduct(product=dict(display_name='Box', kind='SOFTWARE', unit='ENDPOINT')).name
        plan = self.plan(partner, product=software)
        customer = self.rpc.CreateCustomer(customer=new_customer(partner=partner)).name

        def assign(**fields):
            return self.rpc.AssignServicePlan(parent=customer, service_plan=plan,
                                              units=[dict(product=software, units=5)], **fields)

        used = assign().subscription.licenses[0].name
        later = assign(start_date=lmp_server.to_date(lmp_server.today() + lmp_server.datetime.timedelta(days=90)),
                       crossgrade=dict(mode='EXPLICIT', resolutions=[dict(product=software, choice='NEW_LICENSE')])
                       ).subscription.licenses[0].name
        outcome, = assign(crossgrade=AUTOMATIC).crossgrade_outcomes
        self.assertEqual(outcome.license, used)
        self.assertEqual(list(outcome.other_licenses), [later])


def call_error_or_none(call):
    """What it fails with, if it does."""
    try:
        call()
    except grpc.RpcError as error:
        return lmp_server.Error(error)
    return None


if __name__ == '__main__':
    unittest.main()
