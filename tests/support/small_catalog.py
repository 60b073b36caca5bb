"""The catalog of the tests, and requests with what the test at hand does not care about filled in."""

from api_client import new_request_id
from lmp.v1 import customer_service_pb2 as customer_api
from lmp.v1 import licensing_service_pb2 as licensing_api
from lmp.v1.customer_pb2 import Customer
from lmp.v1.partner_pb2 import Partner
from lmp.v1.product_pb2 import Product
from lmp.v1.service_plan_pb2 import ServicePlan

# One partner, and its plans.
PARTNER = 'partners/acme-msp'
PRODUCTS = {  # id → fields
    'cloud-app-security': dict(kind='SERVICE', unit='USER', nfr_allowed=True),
    'hosted-email-security': dict(kind='SERVICE', unit='MAILBOX', min_units=5),
    'worry-free-services': dict(kind='SERVICE', unit='SEAT'),
    'endpoint-encryption': dict(kind='SOFTWARE', unit='ENCRYPTION_KEY', min_units=5, max_units=500),
    'worry-free-suite': dict(kind='SUITE', components=['products/cloud-app-security', 'products/worry-free-services']),
}
PLANS = {
    'cas-monthly': dict(product='products/cloud-app-security', initial_term_months=1, auto_renewal=True),
    'cas-annual': dict(product='products/cloud-app-security', initial_term_months=12),
    'cas-trial': dict(product='products/cloud-app-security', version='TRIAL'),
    'cas-nfr': dict(product='products/cloud-app-security', nfr=True),
    'hes-annual': dict(product='products/hosted-email-security', initial_term_months=12),
    'wfs-annual': dict(product='products/worry-free-services', initial_term_months=12),
    'encryption-annual': dict(product='products/endpoint-encryption', initial_term_months=12),
    'suite-annual': dict(product='products/worry-free-suite', initial_term_months=12),
}


def make_catalog(client):
    client.customers.CreatePartner(customer_api.CreatePartnerRequest(
        partner_id='north-distribution', partner=Partner(display_name='North Distribution', tier='DISTRIBUTOR')))
    client.customers.CreatePartner(customer_api.CreatePartnerRequest(
        partner_id='acme-msp', partner=Partner(display_name='Acme MSP', tier='RESELLER',
                                               parent='partners/north-distribution')))
    for key, fields in PRODUCTS.items():
        client.licensing.CreateProduct(licensing_api.CreateProductRequest(
            product_id=key, product=Product(display_name=key.replace('-', ' '), **fields)))
    for key, fields in PLANS.items():
        client.licensing.CreateServicePlan(licensing_api.CreateServicePlanRequest(
            service_plan_id=key, service_plan=ServicePlan(display_name=key, partner=PARTNER, **fields)))


def new_customer(**fields):
    """A Customer that can be created, with what the test wants different."""
    values = dict(partner=PARTNER, display_name='The Corner Bakery', city='Bonn', region='NRW', country='DE',
                  contact=Customer.Contact(given_name='Ada', family_name='Berg', email='ada.berg@bakery.example'))
    return Customer(**{**values, **fields})


def create_customer(client, customer_id, **fields):
    """Its name."""
    return client.customers.CreateCustomer(customer_api.CreateCustomerRequest(
        customer_id=customer_id, customer=new_customer(**fields), request_id=new_request_id())).name


def assign_request(customer, plan, units=None, **fields):
    """`units`: {product id: number}."""
    wanted = [licensing_api.LicenseUnits(product=f'products/{p}', units=n) for p, n in (units or {}).items()]
    return licensing_api.AssignServicePlanRequest(
        parent=customer, service_plan=f'servicePlans/{plan}', units=wanted, **fields)
