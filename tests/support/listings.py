"""The lists of the API as a table, all pages of one, and instants as the API has them."""

import dataclasses
import datetime
import time

from rpc import Rpc

UTC = datetime.timezone.utc


@dataclasses.dataclass(frozen=True)
class Listing:
    """One List method."""
    method: str
    orders: tuple  # what order_by may name; the default first
    everything: dict = dataclasses.field(default_factory=dict)  # arguments with which nothing is left out
    get: str = ''  # the method for one of its resources, if there is one
    not_found: str = ''  # and the reason if it is not there


# By collection, which is the last but one part of a name: customers/c/licenses/l.
LISTINGS = {
    'partners': Listing('ListPartners', ('name', 'display_name'), {}, 'GetPartner', 'PARTNER_NOT_FOUND'),
    'customers': Listing('ListCustomers', ('name', 'display_name'), dict(show_deleted=True), 'GetCustomer',
                         'CUSTOMER_NOT_FOUND'),
    'products': Listing('ListProducts', ('name', 'display_name'), {}, 'GetProduct', 'PRODUCT_NOT_FOUND'),
    'servicePlans': Listing('ListServicePlans', ('name', 'display_name'), dict(show_deleted=True), 'GetServicePlan',
                            'SERVICE_PLAN_NOT_FOUND'),
    'subscriptions': Listing('ListSubscriptions', ('name',), dict(parent='customers/-'), 'GetSubscription',
                             'SUBSCRIPTION_NOT_FOUND'),
    'licenses': Listing('ListLicenses', ('name', 'expiration_date'), dict(parent='customers/-'), 'GetLicense',
                        'LICENSE_NOT_FOUND'),
    'licensePools': Listing('ListLicensePools', ('name',), dict(parent='partners/-'), 'GetLicensePool',
                            'LICENSE_POOL_NOT_FOUND'),
    'registrationKeys': Listing('ListRegistrationKeys', ('name', 'expire_date'), {}, 'GetRegistrationKey',
                                'REGISTRATION_KEY_NOT_FOUND'),
    'scheduledChanges': Listing('ListScheduledChanges', ('effective_date', 'name'),
                                dict(parent='customers/-/subscriptions/-', show_all=True)),
}


def collection_of(name):
    return name.split('/')[-2]


def name_key(resource):
    """Order of names: part by part, so that acme comes before acme-2 with all that is theirs."""
    return resource.name.split('/')


def settled(resource):
    """Without the moment of its last change: what time did and nobody stored yet has that of the answer."""
    copy = type(resource)()
    copy.CopyFrom(resource)
    for each in (copy, *getattr(copy, 'licenses', ())):
        if 'update_time' in each.DESCRIPTOR.fields_by_name:
            each.ClearField('update_time')
    return copy


class Lists:
    """Asks for lists and for resources, by collection and by name."""

    def __init__(self, client):
        self.rpc = Rpc(client)

    def page(self, collection, **fields):
        """The response's items and its next_page_token."""
        response = getattr(self.rpc, LISTINGS[collection].method)(**fields)
        return list(getattr(response, response.DESCRIPTOR.fields[0].name)), response.next_page_token

    def all(self, collection, page_size=1000, most_pages=1000, **fields):
        """The resources of all pages; `fields` are added to what leaves nothing out."""
        found, token = [], ''
        for _ in range(most_pages):
            items, token = self.page(collection, page_size=page_size, page_token=token,
                                     **{**LISTINGS[collection].everything, **fields})
            if len(items) > page_size:
                raise AssertionError(f'a page of {page_size} has {len(items)} {collection}')
            found += items
            if not token:
                return found
        raise AssertionError(f'{collection} {fields} do not end')

    def get(self, name, **fields):
        return getattr(self.rpc, LISTINGS[collection_of(name)].get)(name=name, **fields)


def micros_of(timestamp):
    """An instant in microseconds, which is all that the server tells apart."""
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1000


def instant(micros):
    """As a request has it."""
    return dict(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


def day_of(date):
    """Of a google.type.Date; None if it is not set."""
    return datetime.date(date.year, date.month, date.day) if date.year else None


def stay_within_a_day(seconds):
    """Waits for the next day if this one, in UTC, is over in so many seconds: states are functions of the day."""
    now = datetime.datetime.now(UTC)
    midnight = datetime.datetime.combine(now.date() + datetime.timedelta(days=1), datetime.time(), UTC)
    left = (midnight - now).total_seconds()
    if left < seconds:
        time.sleep(left + 1)
