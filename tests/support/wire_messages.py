"""Messages for any RPC, by its descriptor: most are nearly what the server would take, some are far from it."""

import datetime
import re
import uuid

from google.api import field_behavior_pb2
from google.api import resource_pb2
from google.protobuf.descriptor import FieldDescriptor as Field

import rpc

WILD_NUMBERS = [0, 999_999, 1_000_000, -1, 2**31 - 1, -2**31]
WILD_TEXTS = ['', 'x' * 129, 'x' * 4097, '\u202e', '\x00', 'a\nb', '%00', "'; DROP TABLE x", '*', '-', '"3"', '😀' * 40,
              'customers/', 'customers/é', '2026-11-24', 'LM-AAAA-BBBB']
# By the field's last word.
TEXTS = {'country': ['DE', 'AT'], 'email': ['a@b.example'], 'language': ['de'], 'id': ['', '', 'one-more']}
FILTERS = ['state', 'display_name', 'partner', 'create_time', 'units', 'annotations', 'annotations.color', 'product',
           '=', '!=', '<', '>=', ':', ':*', ' AND ', ' OR ', 'NOT ', '-', '(', ')', '"a"', 'ACTIVE', '"*gmbh"',
           '2026-12-31', '10', '1.5', '"products/cloud-app-security"', '"2026-01-01T00:00:00Z"', 'true', ',', ' ', 'é']
ORDERS = ['name', 'display_name', 'display_name desc', 'create_time', 'expiration_date', 'expiration_date desc', ',,']
FINAL = re.compile('Cancel|End|Delete|Disable|Void|Revoke|SuspendPartner|ApproveServicePlan')
NAME = re.compile(r'^[a-zA-Z]+/[^/]+(/[a-zA-Z]+/[^/]+)*$')


def collection_of(resource_type):
    """"lmp/ServicePlan" → "servicePlans"."""
    noun = resource_type.split('/')[-1]
    return noun and f'{noun[0].lower()}{noun[1:]}s'


def own_type(field):
    """That of the resource that a field is the name of: "lmp/Customer"; else nothing."""
    options = field.containing_type.GetOptions()
    return options.Extensions[resource_pb2.resource].type if field.name == 'name' else ''


class Messages:
    """`harvest` gives it what the server answered, so that later messages have true names, etags and tokens."""

    def __init__(self, random, most_kept=200):
        self.random = random
        self.most_kept = most_kept
        self.kept = {}  # collection or field → texts
        self.wild = 0.0  # how often a value is one that no sensible client sends; for each message anew

    def harvest(self, message):
        for field, value in message.ListFields():
            if field.type == Field.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
                for one in (value if field.label == Field.LABEL_REPEATED else [value]):
                    self.harvest(one)
            elif field.type == Field.TYPE_STRING and field.label != Field.LABEL_REPEATED and value:
                # "customers/a/licenses/b" is one of "licenses".
                self.keep(value.split('/')[-2] if NAME.match(value) else field.name, value)

    def keep(self, kind, value):
        texts = self.kept.setdefault(kind, [])
        if len(texts) < self.most_kept:
            texts.append(value)
        else:
            texts[self.random.randrange(len(texts))] = value

    def request(self, method):
        """Its bytes."""
        message = rpc.message_class(rpc.METHODS[method].input_type)()
        self.wild = self.random.choice((0, 0, 0, 0.02, 0.3))
        self.fill(message, depth=4, density=self.random.choice((0.05, 0.2, 0.8)))
        # What ends something for good is mostly only tried, so that there is something left.
        if FINAL.match(method) and self.random.random() < 0.95:
            message.validate_only = True
        data = message.SerializeToString()
        return self.damage(data) if self.random.random() < 0.05 else data

    def is_wild(self):
        return self.random.random() < self.wild

    def damage(self, data):
        """What no library writes: a changed byte, a missing end, a field that nobody knows, all of it twice."""
        data, place = bytearray(data), self.random.randrange(len(data) + 1)
        kind = self.random.randrange(4)
        if kind == 0 and data:
            data[place % len(data)] ^= 1 << self.random.randrange(8)
        elif kind == 1:
            del data[place:]
        elif kind == 2:
            data += bytes(self.random.randrange(256) for _ in range(self.random.randrange(1, 20)))
        else:
            data += bytes(data)
        return bytes(data)

    def fill(self, message, depth, density):
        for field in message.DESCRIPTOR.fields:
            needed = field.name in ('name', 'parent') or field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[
                field_behavior_pb2.field_behavior]
            # Tokens of one call are rarely right for another.
            likely = 0.1 if field.name.endswith('_token') else density
            if self.is_wild() if needed else self.random.random() > likely:
                continue
            if field.label == Field.LABEL_REPEATED:
                self.fill_repeated(message, field, depth, density)
            elif field.type == Field.TYPE_MESSAGE:
                self.fill_message(getattr(message, field.name), depth, density)
                if field.name == 'month' and not self.is_wild():
                    message.month.day = 0
            else:
                setattr(message, field.name, self.scalar(field))

    def fill_repeated(self, message, field, depth, density):
        count = self.random.choice((0, 101 if depth > 2 else 5)) if self.is_wild() else self.random.choice((1, 1, 2, 3))
        values = getattr(message, field.name)
        if field.type == Field.TYPE_MESSAGE and field.message_type.GetOptions().map_entry:
            for _ in range(count):
                values[self.scalar(field.message_type.fields_by_name['key'])] = \
                    self.scalar(field.message_type.fields_by_name['value'])
        elif field.type == Field.TYPE_MESSAGE:
            for _ in range(count):
                self.fill_message(values.add(), depth, density)
        else:
            values.extend(self.scalar(field) for _ in range(count))

    def fill_message(self, message, depth, density):
        message.SetInParent()
        kind, wild = message.DESCRIPTOR.full_name, self.is_wild()
        if kind == 'google.type.Date':
            days = self.random.choice((-30, 4000, 10**6) if wild else (0, 0, 0, 1, 30, 365))
            day = datetime.date.today() + datetime.timedelta(days)
            impossible = wild and days > 0
            message.year, message.month, message.day = (2026, 2, 30) if impossible else (day.year, day.month, day.day)
        elif kind == 'google.protobuf.Timestamp':
            now = int(datetime.datetime.now().timestamp())
            message.seconds = now + self.random.choice((10**9, 10**12, -10**12) if wild else (0, -60, -3600, 86400))
            message.nanos = self.random.choice((999_999_999, -1) if wild else (0, 1000))
        elif kind == 'google.protobuf.Duration':
            message.seconds = self.random.choice((-1, 3600, 10**12) if wild else (0, 1, 5, 60))
        elif kind == 'google.protobuf.FieldMask':
            message.paths.extend(self.random.choice(('x.y', '', 'name') if wild else ('display_name', '*'))
                                 for _ in range(self.random.randrange(1, 3)))
        elif depth > 0:
            self.fill(message, depth - 1, density)

    def scalar(self, field):
        if field.type == Field.TYPE_STRING:
            return self.text(field)
        if field.type == Field.TYPE_BYTES:
            return self.random.choice((b'', b'\xff\x00', b'x' * 100))
        if field.type == Field.TYPE_BOOL:
            # Most changes are only tried, so that there is always something to change.
            return self.random.random() < (0.7 if field.name == 'validate_only' else 0.5)
        if field.type == Field.TYPE_ENUM:
            return self.random.choice([0, 99, -1] if self.is_wild() else [v.number for v in field.enum_type.values][1:])
        if field.cpp_type in (Field.CPPTYPE_DOUBLE, Field.CPPTYPE_FLOAT):
            return self.random.choice((0.0, 1.5, float('nan'), float('inf')))
        return self.random.choice(WILD_NUMBERS if self.is_wild() else (1, 2, 5, 10, 25))

    def text(self, field):
        if self.is_wild():
            return self.random.choice(WILD_TEXTS)
        if field.name == 'request_id':
            return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        if field.name == 'filter':
            return ''.join(self.random.choice(FILTERS) for _ in range(self.random.randrange(4)))
        if field.name == 'order_by':
            return self.random.choice(ORDERS)
        kept = self.kept.get(collection_of(rpc.reference(field) or own_type(field)) or field.name)
        if field.name in ('name', 'parent') and not kept:
            kept = self.kept['customers' if field.name == 'parent' else 'products']
        if kept:
            return self.random.choice(kept)
        return self.random.choice(TEXTS.get(field.name.split('_')[-1], ['Acme', 'Berg']))
