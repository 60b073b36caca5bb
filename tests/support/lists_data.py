"""Some of everything, in every state: what the tests of lists look through."""

import datetime

import lmp_server
from lmp_server import PARTNER, to_date, today
from rpc import Rpc

NOBODY = 'partners/spare-msp'


def in_days(days):
    return to_date(today() + datetime.timedelta(days=days))


def make_customers(rpc):
    """Their names, by the last part without "c-"."""
    contact = dict(given_name='Ada', family_name='Berg', email='ada@mill.example')
    customers = {
        'mill': dict(display_name='Mill', external_id='E-1', note='very urgent',
                     annotations=dict(tier='gold', erp='1')),
        'mill-two': dict(display_name='Mill', external_id='E-2', contact=contact),
        'mill-far': dict(display_name='Mill', partner=NOBODY, external_id='E-1'),
        'lower': dict(display_name='mill', annotations=dict(tier='silver'), city='Ulm'),
        'fruit': dict(display_name='Äpfel & "Birnen"', emergency_emails=['now@mill.example', 'later@mill.example']),
        'tail': dict(display_name='Zoll', country='AT', city='Wien'),
        'off': dict(display_name='Zuse', emergency_emails=['off@x.example']),
        'gone': dict(display_name='Mill', external_id='F-9'),
        'smile': dict(display_name='🥐 Bakery', contact=contact),
        'last': {},
    }
    for key, fields in customers.items():
        rpc.CreateCustomer(customer_id=f'c-{key}', customer=lmp_server.new_customer(**fields))
    return {key: f'customers/c-{key}' for key in customers}


def make_catalog(rpc):
    """Beside that of lmp_server."""
    for key, fields in {'spare-msp': dict(parent='partners/north-distribution', tier='RESELLER',
                                          display_name='Acme MSP'),
                        'paused-msp': dict(parent='partners/north-distribution', tier='RESELLER',
                                           display_name='Paused'),
                        'past-msp': dict(tier='DISTRIBUTOR', display_name='Acme MSP')}.items():
        rpc.CreatePartner(partner_id=key, partner=fields)
    rpc.SuspendPartner(name='partners/paused-msp')
    rpc.CancelPartner(name='partners/past-msp')
    for key, fields in {'seats-basic': dict(family='seats', level=1), 'ended-tool': {},
                        'ending-tool': dict(display_name='seats-basic'),
                        'sold-out': {}}.items():
        rpc.CreateProduct(product_id=key, product=dict(dict(display_name=key, kind='SERVICE', unit='SEAT', **{
            k: v for k, v in fields.items() if k != 'display_name'}), **fields))
    cas = 'products/cloud-app-security'
    for key, fields in {'cas-sign-in': dict(product=cas, activation_policy='ON_FIRST_SIGN_IN', display_name='CAS'),
                        'far-cas': dict(product=cas, partner=NOBODY, display_name='CAS'),
                        'a-deleted': dict(product=cas), 'no-grace': dict(product=cas, grace_period_days=0),
                        'ended-annual': dict(product='products/ended-tool'),
                        'ending-annual': dict(product='products/ending-tool')}.items():
        rpc.CreateServicePlan(service_plan_id=key,
                              service_plan=dict(dict(display_name=key, partner=PARTNER, initial_term_months=12),
                                                **fields))


def make_data(client, server):
    rpc = Rpc(client)
    make_catalog(rpc)
    customers = make_customers(rpc)

    def assign(customer, plan, units, **fields):
        return client.licensing.AssignServicePlan(lmp_server.assign_request(customers[customer], plan, units,
                                                                            **fields)).subscription

    cas, hes, suite = {'cloud-app-security': 10}, {'hosted-email-security': 40}, {'cloud-app-security': 12,
                                                                                  'worry-free-services': 25}
    for product, units in {'cloud-app-security': 300, 'worry-free-services': 400, 'endpoint-encryption': 250,
                           'ended-tool': 300,
                           'sold-out': 50}.items():
        rpc.AddLicensePoolUnits(name=f'{PARTNER}/licensePools/{product}', units=units)
    rpc.UpdateLicensePool(license_pool=dict(name=f'{PARTNER}/licensePools/worry-free-services', minimum_units=5))
    rpc.AddLicensePoolUnits(name=f'{NOBODY}/licensePools/cloud-app-security', units=20)

    # Licenses: used, waiting, coming, suspended, transferred, unbundled, canceled; and some at the same dates.
    mill = assign('mill', 'cas-monthly', cas, align=dict(expiration_date=in_days(60)))
    rpc.ReportUsage(name=mill.licenses[0].name, used_units=11)
    mails = assign('mill', 'hes-annual', hes, align=dict(expiration_date=in_days(60)))
    rpc.ReportUsage(name=mails.licenses[0].name, used_units=0)
    code = assign('mill', 'encryption-annual', {'endpoint-encryption': 30}, start_date=in_days(-20))
    rpc.ReportUsage(name=code.licenses[0].name, used_units=30)
    assign('mill-two', 'hes-annual', hes, start_date=in_days(50))
    paused = assign('mill-two', 'cas-monthly', cas)
    rpc.SuspendSubscription(name=paused.name)
    assign('mill-far', 'far-cas', {'cloud-app-security': 15}, align=dict(expiration_date=in_days(60)))
    assign('lower', 'suite-annual', suite)
    crossgrade = dict(mode='AUTOMATIC')
    assign('lower', 'cas-annual', cas, crossgrade=crossgrade)  # the rest of the suite is unbundled
    waits = assign('fruit', 'cas-sign-in', {'cloud-app-security': 8})
    rpc.ActivateLicense(name=waits.licenses[0].name)
    assign('tail', 'cas-sign-in', {'cloud-app-security': 9})
    assign('fruit', 'wfs-annual', {'worry-free-services': 7}, start_date=in_days(-20),
           align=dict(expiration_date=in_days(10)))
    # The order of a list is that of the stored dates: these end when their products' lives do, or as good as.
    assign('tail', 'ended-annual', {'ended-tool': 21}, align=dict(expiration_date=in_days(1)))
    assign('tail', 'ending-annual', {'ending-tool': 22}, align=dict(expiration_date=in_days(30)))
    assign('off', 'cas-annual', cas)
    rpc.DisableCustomer(name=customers['off'])
    assign('smile', 'cas-monthly', cas)
    assign('smile', 'cas-annual', cas, crossgrade=crossgrade)  # the monthly one is replaced
    canceled = assign('smile', 'hes-annual', hes)
    assign('gone', 'cas-trial', cas)
    assign('last', 'cas-nfr', {})
    grace = assign('last', 'hes-annual', hes)
    rpc.DeleteCustomer(name=customers['gone'], force=True)

    # Changes that wait, were taken back, or became impossible.
    def schedule(subscription, day, terms=None, **fields):
        return rpc.UpdateSubscription(subscription=dict(name=subscription.name, **(terms or {})),
                                      effective_date=in_days(day),
                                      **fields).scheduled_change

    more = lambda units: dict(units=[dict(product='products/cloud-app-security', units=units)])
    schedule(mill, 9, **more(20))
    schedule(mill, 5, **more(21))
    schedule(mill, 9, dict(auto_renewal=False), update_mask=dict(paths=['auto_renewal']))
    schedule(mails, 9, dict(expiration_date=in_days(90)))
    rpc.CancelScheduledChange(name=schedule(waits, 12, **more(9)).name)
    schedule(canceled, 15, units=[dict(product='products/hosted-email-security', units=31)])
    rpc.CancelSubscription(name=canceled.name)

    # Keys in every state.
    def key(plan, days, units=5, note=''):
        product = 'hosted-email-security' if plan == 'hes-annual' else 'cloud-app-security'
        return rpc.CreateRegistrationKey(registration_key=dict(
            service_plan=f'servicePlans/{plan}', units=[dict(product=f'products/{product}', units=units)], note=note,
            expire_date=in_days(days))).name

    key('cas-annual', 20)
    key('cas-annual', 20, 11)
    rpc.VoidRegistrationKey(name=key('cas-annual', 30))
    rpc.RedeemRegistrationKey(name=key('hes-annual', 40), customer=customers['fruit'])
    key('far-cas', 20, note='a spare one')
    expired = key('cas-annual', 7)

    # Suites that changed: one plan is approved, one is not. Products and plans that ended.
    rpc.CreateServicePlan(service_plan_id='suite-monthly', service_plan=dict(
        display_name='suite monthly', partner=PARTNER, product='products/worry-free-suite', initial_term_months=1,
        auto_renewal=True))
    assign('last', 'suite-annual', suite, crossgrade=crossgrade)
    rpc.ChangeSuiteComponents(name='products/worry-free-suite', add_components=['products/hosted-email-security'])
    rpc.ApproveServicePlan(name='servicePlans/suite-annual')
    rpc.EndProductLife(name='products/ended-tool', end_date=in_days(0))
    rpc.EndProductLife(name='products/ending-tool', end_date=in_days(30))
    rpc.EndProductSale(name='products/sold-out')
    rpc.DisableServicePlan(name='servicePlans/no-grace')
    rpc.DeleteServicePlan(name='servicePlans/a-deleted')

    # What only time makes.
    server.sql(f"""UPDATE licenses SET start_date = UTC_DATE() - INTERVAL 31 DAY,
                   expiration_date = UTC_DATE() - INTERVAL 1 DAY, grace_end_date = UTC_DATE() + INTERVAL 29 DAY,
                   due_date = UTC_DATE() + INTERVAL 29 DAY WHERE license_id = '{grace.licenses[0].name.split('/')[-1]}';
                   UPDATE registration_keys SET expire_date = UTC_DATE() - INTERVAL 1 DAY
                   WHERE key_id = '{expired.split('/')[-1]}'""")
