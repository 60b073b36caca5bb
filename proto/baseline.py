#!/usr/bin/python3
"""The promise that `buf breaking` holds the protos to: baseline.txtpb, a descriptor set with a line for each field.

proto/baseline.py            takes over what was added to the protos; refuses if something else is different
proto/baseline.py --check    takes over nothing; exit code 1 if something is different or was added
proto/baseline.py --force    takes over everything: for what no client has seen yet
"""

import pathlib
import re
import subprocess
import sys

from google.protobuf import descriptor_pb2, text_format

PROTO = pathlib.Path(__file__).resolve().parent
BASELINE = PROTO / 'baseline.txtpb'
HEAD = '# Made by proto/baseline.py; do not edit.\n'


def descriptor_set():
    files = sorted(str(f.relative_to(PROTO)) for f in PROTO.glob('lmp/v1/*.proto'))
    done = subprocess.run(['protoc', '-I', PROTO, '--include_imports', '--descriptor_set_out=/dev/stdout', *files],
                          stdout=subprocess.PIPE, check=True)
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(done.stdout)
    for file in descriptors.file:
        if file.name == 'google/protobuf/descriptor.proto':
            leave_out_all_but_what_is_extended(file)
        for message in file.message_type:
            leave_out_limits(message)
    return descriptors


def leave_out_all_but_what_is_extended(file):
    """What options are made of is protobuf's and differs from version to version: no promise of ours."""
    del file.message_type[:]
    del file.enum_type[:]
    for name in ('FieldOptions', 'MessageOptions'):
        file.message_type.add(name=name).extension_range.add(start=1000, end=536870912)


def leave_out_limits(message):
    """Our own option (lmp.v1.limits) says how much is taken, and those of google.api what a field is for, not what it
    is called: `buf breaking` does not look at them."""
    message.options.DiscardUnknownFields()
    if not message.options.ListFields():
        message.ClearField('options')
    for field in message.field:
        field.options.DiscardUnknownFields()
        if not field.options.ListFields():
            field.ClearField('options')
    for inside in message.nested_type:
        leave_out_limits(inside)


def one_line_each(text):
    """Blocks without blocks inside, options apart, become one line: a field, a value, a method."""
    def join(match):
        return '{ ' + ' '.join(line.strip() for line in match[1].strip().splitlines()) + ' }'

    text = re.sub(r'options \{\n((?: +[a-z_0-9]+: [^\n]*\n)+) *\}', lambda m: 'options ' + join(m), text)
    return re.sub(r'\{\n((?: +(?:[a-z_0-9]+: |options \{)[^\n]*\n)+) *\}', join, text)


def text_of(descriptors):
    """Files in order of name, so that a new import moves nothing."""
    ordered = descriptor_pb2.FileDescriptorSet(file=sorted(descriptors.file, key=lambda f: f.name))
    return HEAD + one_line_each(text_format.MessageToString(ordered))


def facts(text):
    """Each line, with the names of the package and messages that it is in: what can be there, or gone, in any file and
    order."""
    found, path = set(), []
    for line in map(str.strip, text.splitlines()[1:]):
        # What follows from other lines, and what may come any time.
        line = re.sub(r'oneof_index: \d+ (?=.*proto3_optional)|options \{ deprecated: true \} ', '', line)
        if line.endswith('{'):
            path.append('')
        elif line == '}':
            path.pop()
        elif len(path) == 1 and line.startswith('package: '):
            path[0] = line.split('"')[1]
        elif not path:
            pass  # a file with nothing but imports, in one line
        elif len(path) == 1 and re.match('(name|dependency|public_dependency|options|syntax)\\b', line):
            pass  # of the file
        else:
            if not path[-1]:
                path[-1] = line.split('"')[1]
            found.add(': '.join(['.'.join(path), line]))
    return found


def main(option=''):
    if option not in ('', '--check', '--force'):
        sys.exit(__doc__)
    before = BASELINE.read_text() if BASELINE.exists() else HEAD
    after = text_of(descriptor_set())
    gone, added = facts(before) - facts(after), facts(after) - facts(before)
    for line in sorted(gone):
        print('-', line)
    for line in sorted(added):
        print('+', line)
    if gone and option != '--force':
        sys.exit('promised in proto/baseline.txtpb, and no longer so: see "Compatibility" in proto/README.md')
    if added and option == '--check':
        sys.exit('the protos say more than proto/baseline.txtpb: run proto/baseline.py')
    if option != '--check':
        BASELINE.write_text(after)


if __name__ == '__main__':
    main(*sys.argv[1:])
