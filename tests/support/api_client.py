"""A client of the server as the Python tests use it: stubs, errors with their details, retries."""

import concurrent.futures
import datetime
import random
import time
import uuid

import grpc
from google.rpc import error_details_pb2
from google.rpc import status_pb2
from google.type import date_pb2

import health_pb2
import health_pb2_grpc
from lmp.v1 import customer_service_pb2_grpc
from lmp.v1 import errors_pb2
from lmp.v1 import licensing_service_pb2_grpc
from processes import wait_until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
START_TIMEOUT = 60  # seconds; a busy machine may need some to initialize a database


class Error:
    """A failed call: its code and the details it carries."""

    def __init__(self, rpc_error):
        self.code = rpc_error.code()
        self.message = rpc_error.details()
        self.trailers = dict(rpc_error.trailing_metadata() or ())
        self.reason = ''
        self.domain = ''
        self.metadata = {}
        self.fields = {}  # field → description
        self.preconditions = []  # (type, subject)
        self.resource = None  # (type, name)
        self.retry_delay = None  # seconds
        self.duplicates = []
        self.details = []  # full names of the detail messages
        status = status_pb2.Status()
        status.ParseFromString(self.trailers.get('grpc-status-details-bin', b''))
        self.status = status
        for detail in status.details:
            self._take(detail)

    def _take(self, detail):
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        failure, resource = error_details_pb2.PreconditionFailure(), error_details_pb2.ResourceInfo()
        retry, crossgrade = error_details_pb2.RetryInfo(), errors_pb2.CrossgradeRequired()
        self.details.append(detail.TypeName())
        if detail.Unpack(info):
            self.reason, self.domain, self.metadata = info.reason, info.domain, dict(info.metadata)
        elif detail.Unpack(bad):
            self.fields.update({v.field: v.description for v in bad.field_violations})
        elif detail.Unpack(failure):
            self.preconditions += [(v.type, v.subject) for v in failure.violations]
        elif detail.Unpack(resource):
            self.resource = (resource.resource_type, resource.resource_name)
        elif detail.Unpack(retry):
            self.retry_delay = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
        elif detail.Unpack(crossgrade):
            self.duplicates = list(crossgrade.duplicates)

    def __repr__(self):
        return f'{self.code.name} {self.reason} {self.message!r} fields={self.fields}'


def call_error(function, *args, **kwargs):
    """The Error of a call that must fail."""
    try:
        answer = function(*args, **kwargs)
    except grpc.RpcError as e:
        return Error(e)
    raise AssertionError(f'the call succeeded: {answer}')


class Client:
    """Stubs of all services on one channel."""

    def __init__(self, target, credentials=None, options=()):
        settings = [('grpc.enable_http_proxy', 0), ('grpc.initial_reconnect_backoff_ms', 50),
                    ('grpc.min_reconnect_backoff_ms', 10000), ('grpc.max_reconnect_backoff_ms', 200),
                    ('grpc.use_local_subchannel_pool', 1), *options]
        self.channel = (grpc.secure_channel(target, credentials, settings) if credentials
                        else grpc.insecure_channel(target, settings))
        self.customers = customer_service_pb2_grpc.CustomerServiceStub(self.channel)
        self.licensing = licensing_service_pb2_grpc.LicensingServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def health_status(self, service='', timeout=5):
        return self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout).status

    def wait_healthy(self, service='', status=SERVING, timeout=START_TIMEOUT):
        def reached():
            try:
                return self.health_status(service) == status
            except grpc.RpcError:
                return False

        wait_until(reached, timeout, f'health of "{service}" is {status}')


RETRIED = (grpc.StatusCode.UNAVAILABLE,)


def call_with_retries(method, request, attempt_timeout=30, timeout=60, retried=RETRIED):
    """What a good client does: the same request (with its request_id) again while the answer is UNAVAILABLE.

    A retry waits for a connection: gRPC looks after its attempts to connect only while a call waits, else once in 5
    s."""
    deadline = time.monotonic() + timeout
    pause = 0.02
    wait = False
    while True:
        try:
            return method(request, timeout=attempt_timeout, wait_for_ready=wait)
        except grpc.RpcError as e:
            if e.code() not in retried or time.monotonic() > deadline:
                raise
        wait = True
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(0.3, pause * 2)


def new_request_id():
    return str(uuid.uuid4())


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def to_date(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def from_date(date):
    return datetime.date(date.year, date.month, date.day)


def in_parallel(function, arguments, threads):
    """The results in order; the first exception is raised."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, arguments))
