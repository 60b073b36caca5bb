"""Any RPC by its name and its request's fields, and what the contract promises of every error."""

import pathlib
import re
import uuid

import grpc
from google.api import field_behavior_pb2
from google.api import resource_pb2
from google.protobuf import symbol_database
from google.rpc import error_details_pb2

import lmp_server
from lmp.v1 import errors_pb2

PROTO = pathlib.Path(__file__).parents[2] / 'proto'
METHODS = {method.name: method for api, service in ((lmp_server.customer_api, 'CustomerService'),
                                                    (lmp_server.licensing_api, 'LicensingService'))
           for method in api.DESCRIPTOR.services_by_name[service].methods}
STREAMS = {'WatchEvents', 'WatchLicenses'}  # answered with many messages
REASONS = set(errors_pb2.ErrorReason.keys()) - {'ERROR_REASON_UNSPECIFIED'}


def reference(field):
    """The type of resource whose names a field takes, as "lmp/Customer"; or an empty text."""
    return field.GetOptions().Extensions[resource_pb2.resource_reference].type


def required(method, names):
    """{field: value} of what a request must have beside its name or parent, as far as that is a text or a number: the
    protos say so. `names` has a name for each type of resource."""
    values = {}
    for field in METHODS[method].input_type.fields:
        behavior = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if (field_behavior_pb2.REQUIRED not in behavior or field.name in ('name', 'parent')
                or field.label == field.LABEL_REPEATED):
            continue
        if field.type == field.TYPE_STRING:
            values[field.name] = names.get(reference(field), 'x')
        elif field.type == field.TYPE_INT32:
            values[field.name] = 1
    return values


def server_error(call, attempts=5):
    """What a call whose deadline passes fails with at the server: on a busy machine its client may be the first to say
    so."""
    for _ in range(attempts):
        try:
            raise AssertionError(f'the call succeeded: {call()}')
        except grpc.RpcError as error:
            last = error
        if last.trailing_metadata():
            break
    return last


def first_of(call):
    """A stream as if it were one answer: its first message."""
    def first(*args, **kwargs):
        stream = call(*args, **kwargs)
        try:
            return next(stream)
        finally:
            stream.cancel()

    return first


def message_class(descriptor):
    return symbol_database.Default().GetPrototype(descriptor)


class Rpc:
    """`rpc.GetPartner(name='partners/acme')` calls it, whichever service it is of; `timeout` and `metadata` as in gRPC.

    A method's request has dicts for messages and names for enum values."""

    def __init__(self, client):
        self.client = client
        self._stubs = {'CustomerService': client.customers, 'LicensingService': client.licensing}

    def method(self, name):
        """The callable of grpc, which takes a request, and the request's class."""
        descriptor = METHODS[name]
        call = getattr(self._stubs[descriptor.containing_service.name], name)
        return first_of(call) if name in STREAMS else call, message_class(descriptor.input_type)

    def __getattr__(self, name):
        if name not in METHODS:
            raise AttributeError(name)
        call, request_class = self.method(name)
        return lambda timeout=30, metadata=None, **fields: call(request_class(**fields), timeout=timeout,
                                                                metadata=metadata)

    def raw(self, path, request):
        """Bytes, as they are."""
        return self.client.channel.unary_unary(f'/lmp.v1.{path}')(request, timeout=30)


def proto_comments():
    """{'Message.field': the comment above it}, of all protos; messages inside others by their own name."""
    found = {}
    for path in (PROTO / 'lmp/v1').glob('*.proto'):
        messages, comment = [], ''
        # Options are not looked at: of one line or of many.
        text = re.sub(r' \[[^][;]*\];', ';', re.sub(r'(?m)^ +option [^;]*;\n', '', path.read_text()))
        text = re.sub(r'(?m)^( +rpc [^;{]*) \{\n +\}$', r'\1;', text)
        for line in text.splitlines():
            line = line.strip()
            if line.startswith('//'):
                comment += line[2:]
                continue
            if opened := re.match(r'(?:message|enum|oneof|service|extend) ([\w.]+) \{', line):
                messages.append(opened[1] if not line.startswith('oneof') else messages[-1])
            elif line == '}':
                messages.pop()
            elif field := re.match(r'(?:repeated |optional )?[\w.]+(?:<.*>)? (\w+) = \d+(?: \[.*\])?;', line):
                found[f'{messages[-1]}.{field[1]}'] = re.sub(r'(?<=\d) (?=\d{3}\b)', '', comment)
            comment = ''
    return found


def has_field(descriptor, path):
    """Whether a message of this type has "customer.contact.email", "units[products/x].units" or the oneof "action"."""
    first, *rest = re.sub(r'\[.*\]', '', path).split('.')
    field = descriptor.fields_by_name.get(first)
    if field is None or not rest:
        return field is not None or first in descriptor.oneofs_by_name
    return field.message_type is not None and has_field(field.message_type, '.'.join(rest))


def promised_codes():
    """{reason: name of its code}, as proto/README.md has it."""
    rows = re.findall(r'^\| `(\w+)` \| (\w+) \| [^|]+ \| [^|]+ \|$', (PROTO / 'README.md').read_text(), re.MULTILINE)
    return dict(rows)


PROMISED_CODES = promised_codes()
# Beside ErrorInfo, which every error has.
DETAILS = {
    'INVALID_ARGUMENT': {'BadRequest'},
    'OUT_OF_RANGE': {'BadRequest'},
    'FAILED_PRECONDITION': {'PreconditionFailure'},
    'NOT_FOUND': {'ResourceInfo'},
    'ALREADY_EXISTS': {'ResourceInfo'},
    'UNAVAILABLE': {'RetryInfo'},
    'ABORTED': {'RetryInfo'},
    'RESOURCE_EXHAUSTED': {'RetryInfo'},
}
OTHER_DETAILS = {'MALFORMED_REQUEST': set(),  # no field can be named in what is no message
                 'CROSSGRADE_REQUIRED': {'PreconditionFailure', 'CrossgradeRequired'},
                 'PREVIEW_CHANGED': {'RetryInfo', 'PreviewChanged'}}
# They are about the server, and no resource.
WITHOUT_SUBJECT = {'DATABASE_READ_ONLY', 'TOKEN_KEY_MISSING', 'TOO_LARGE_FOR_DATABASE'}
METADATA = {'ETAG_MISMATCH': 'etag', 'WRONG_STATE': 'state', 'POOL_EXHAUSTED': 'needed', 'INTERNAL_FAILURE': 'log_id',
            'PERMISSION_DENIED': 'permission', 'RATE_LIMITED': 'retry_after_ms'}
# "customers/acme/licenses/l1"
RESOURCE = re.compile(r'(partners|customers|products|servicePlans|registrationKeys|apiKeys|events)/[a-z0-9-]+'
                      r'(/(subscriptions|licenses|scheduledChanges|licensePools|licenseTokens|apiKeys)/[a-z0-9-]+)?')
# Of the database, such as "customers.external_id".
TABLE_COLUMN = re.compile(r'\b(partners|customers|products|service_plans|subscriptions|licenses|'
                          r'registration_keys)\.[a-z_]+')


def details_of(error):
    """{short name: message} of all details; one that is there twice, or is unknown, raises."""
    found = {}
    for packed in error.status.details:
        name = packed.TypeName().split('.')[-1]
        detail = getattr(error_details_pb2, name, None) or getattr(errors_pb2, name)
        if name in found:
            raise AssertionError(f'{name} twice: {error}')
        found[name] = detail()
        packed.Unpack(found[name])
    return found


def broken_promises(error):
    """What the contract says of such an error and is not so: a list of sentences, best empty."""
    code, reason, details, wrong = error.code.name, error.reason, details_of(error), []

    def require(holds, sentence):
        if not holds:
            wrong.append(sentence)

    require(reason in REASONS, f'the reason "{reason}" is not in the enum')
    require(error.domain == 'lmp', f'the domain is "{error.domain}"')
    require(PROMISED_CODES.get(reason) == code, f'{reason} comes with {code}, not {PROMISED_CODES.get(reason)}')
    require((error.status.code, error.status.message) == (error.code.value[0], error.message),
            'status and details differ')
    require(error.message and not TABLE_COLUMN.search(error.message), f'the message is "{error.message}"')
    require(set(error.trailers) == {'x-request-id', 'grpc-status-details-bin'}, f'trailers are {set(error.trailers)}')
    expected = {'ErrorInfo'} | OTHER_DETAILS.get(reason, DETAILS.get(code, set()))
    require(set(details) == expected, f'details are {sorted(details)}, not {sorted(expected)}')
    if set(details) != expected:
        return wrong
    require(reason not in METADATA or error.metadata.get(METADATA[reason]), f'metadata lacks {METADATA.get(reason)}')
    if 'BadRequest' in details:
        violations = details['BadRequest'].field_violations
        require(violations, 'no field is named')
        require(all(v.field and v.description for v in violations), f'a violation is not complete: {violations}')
    if 'PreconditionFailure' in details:
        violation, = details['PreconditionFailure'].violations
        require((violation.type, violation.description) == (reason, error.message), f'the precondition is {violation}')
        require(RESOURCE.fullmatch(violation.subject) or (not violation.subject and reason in WITHOUT_SUBJECT),
                f'the subject is "{violation.subject}"')
    if 'ResourceInfo' in details:
        resource = details['ResourceInfo']
        named = RESOURCE.fullmatch(resource.resource_name)
        if reason == 'REQUEST_ID_REUSED':  # the id itself, which is of no collection
            named = uuid.UUID(resource.resource_name) and not resource.resource_type
        else:
            named = named and resource.resource_type == resource.resource_name.split('/')[-2]
        require(named, f'the resource is {resource}')
    if 'RetryInfo' in details:
        delay = details['RetryInfo'].retry_delay
        require(0 < delay.seconds + delay.nanos / 1e9 < 60, f'try again after {delay}')
    if 'CrossgradeRequired' in details:
        duplicates = details['CrossgradeRequired'].duplicates
        require(duplicates and all(d.product and d.license and d.choices for d in duplicates),
                f'duplicates are {duplicates}')
    if 'PreviewChanged' in details:
        changed = details['PreviewChanged']
        require(changed.changes or changed.unchanged or changed.HasField('affected'),
                f'nothing is different: {changed}')
    if code == 'INTERNAL':
        require(error.metadata.get('log_id') == error.trailers['x-request-id'],
                'log_id is not the call\'s x-request-id')
    return wrong
