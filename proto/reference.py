#!/usr/bin/python3
"""Makes the API reference, one HTML file that needs nothing else, from the descriptors of the protos.

reference.py DESCRIPTOR-SET README.md OUTPUT.html
The descriptor set has source info: the comments are the text. The README has the table of error reasons.
"""

import html
import pathlib
import re
import sys

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto
PROTOBUF_DOCS = 'https://protobuf.dev/reference/protobuf/google.protobuf/#'
STYLE = '''
:root { color-scheme: light dark; --line: #8884; --shade: #8882; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; }
nav { position: fixed; inset: 0 auto 0 0; width: 19rem; overflow: auto; padding: 1rem; box-sizing: border-box;
      background: var(--shade); font-size: 13px; }
nav a { display: block; text-decoration: none; } nav b { display: block; margin-top: .8rem; }
main { margin-left: 19rem; padding: 1rem 2rem 60vh; max-width: 70rem; }
h2 { border-top: 1px solid var(--line); padding-top: .8rem; margin-top: 2.4rem; } h3 { margin: 1.8rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } td, th { border: 1px solid var(--line); padding: .25rem .5rem;
      text-align: left; vertical-align: top; } td p { margin: 0; } td:first-child { white-space: nowrap; }
code, pre { font: 13px ui-monospace, monospace; } pre { overflow: auto; }
:target { background: #fd06; } small { opacity: .7; }
@media (max-width: 60rem) { nav { position: static; width: auto; max-height: 40vh; } main { margin: 0; } }
'''


class Entity:
    """A service, method, message, field, enum or value: its descriptor, full name and comment."""

    def __init__(self, proto, name, comment, parent=None):
        self.proto, self.name, self.comment, self.parent = proto, name, comment, parent

        self.short = name.removeprefix('lmp.v1.')  # as people say it


class Contract:
    """All entities by kind, in the order of the files."""

    def __init__(self, descriptor_set, reasons):
        self.reasons = reasons  # name → cells of its row in README.md
        self.services, self.methods, self.messages, self.enums, self.fields, self.values = ([] for _ in range(6))
        for file in descriptor_set.file:
            if not file.package.startswith('google.protobuf'):
                self._take_file(file)
        self.by_name = {e.name: e for e in self.services + self.methods + self.messages + self.enums}
        methods = {m.proto.name: m.name for m in self.methods}
        types = {e.short: e.name for e in self.services + self.messages + self.enums}
        values = {v.proto.name: v.name for v in self.values if v.parent.short == 'ErrorReason'}
        self.words = {**types, **methods, **values}  # what a comment may mention
        self.users = {}  # type → names of methods and fields
        for method in self.methods:
            for type_name in (method.proto.input_type, method.proto.output_type):
                self.users.setdefault(type_name[1:], []).append(method)
        for field in self.fields:
            self.users.setdefault(field.proto.type_name[1:], []).append(field)

    def _take_file(self, file):
        comments = {tuple(l.path): l.leading_comments.rstrip() for l in file.source_code_info.location}

        def take(kind, proto, path, parent, scope):
            entity = Entity(proto, f'{scope}.{proto.name}', comments.get(path, ''), parent)
            kind.append(entity)
            return entity

        def take_enum(proto, path, scope):
            enum = take(self.enums, proto, path, None, scope)
            for i, value in enumerate(proto.value):
                take(self.values, value, (*path, 2, i), enum, enum.name)

        def take_message(proto, path, scope):
            if proto.options.map_entry:
                return
            message = take(self.messages, proto, path, None, scope)
            for i, field in enumerate(proto.field):
                take(self.fields, field, (*path, 2, i), message, message.name)
            for i, nested in enumerate(proto.nested_type):
                take_message(nested, (*path, 3, i), message.name)
            for i, nested in enumerate(proto.enum_type):
                take_enum(nested, (*path, 4, i), message.name)

        for i, proto in enumerate(file.service):
            service = take(self.services, proto, (6, i), None, file.package)
            for j, method in enumerate(proto.method):
                take(self.methods, method, (6, i, 2, j), service, service.name)
        for i, proto in enumerate(file.message_type):
            take_message(proto, (4, i), file.package)
        for i, proto in enumerate(file.enum_type):
            take_enum(proto, (5, i), file.package)

    def link(self, name, text=None):
        """To an entity that is on the page, or to a type of protobuf itself."""
        if name.startswith('google.protobuf.'):
            short = name.split('.')[-1]
            return f'<a href="{PROTOBUF_DOCS}{short.lower()}">{short}</a>'
        return f'<a href="#{name}">{text or self.by_name[name].short}</a>'

    def prose(self, comment):
        """A comment: what is indented stays as it is; what it mentions is linked."""
        def mention(match):
            word = match[0].removeprefix('lmp.v1.')
            return self.link(self.words[word], word) if word in self.words else match[0]

        def marked(text):
            parts = re.split(r'`([^`]*)`', text)
            return ''.join(f'<code>{html.escape(p)}</code>' if i % 2 else
                           re.sub(r'\b([a-z]+\.\w+\.)?[A-Z]\w+(\.[A-Z]\w+)*', mention, html.escape(p, quote=False))
                           for i, p in enumerate(parts))

        blocks = []
        for line in comment.splitlines():
            tag, line = ('pre', line) if line.startswith('   ') else ('p', line.strip())
            if not line:
                blocks.append(None)
            elif blocks and blocks[-1] and blocks[-1][0] == tag:
                blocks[-1][1].append(line)
            else:
                blocks.append((tag, [line]))
        return ''.join(f'<{tag}>' + ('\n' if tag == 'pre' else ' ').join(map(marked, lines)) + f'</{tag}>'
                       for tag, lines in filter(None, blocks))

    def type_of(self, field, message):
        proto = field.proto
        entry = next((nested for nested in message.proto.nested_type
                      if nested.options.map_entry and proto.type_name.endswith(f'.{nested.name}')), None)
        if entry:
            return f'map of {self._plain_type(entry.field[0])} to {self._plain_type(entry.field[1])}'
        label = 'repeated ' if proto.label == Field.LABEL_REPEATED else 'optional ' if proto.proto3_optional else ''
        oneof = ''
        if proto.HasField('oneof_index') and not proto.proto3_optional:
            oneof = f'<br><small>one of “{message.proto.oneof_decl[proto.oneof_index].name}”</small>'
        return f'{label}{self._plain_type(proto)}{oneof}'

    def _plain_type(self, proto):
        return self.link(proto.type_name[1:]) if proto.type_name else Field.Type.Name(proto.type)[5:].lower()

    def method_section(self, method):
        takes, gives = (self.link(t[1:]) for t in (method.proto.input_type, method.proto.output_type))
        return (f'<h3 id="{method.name}">{method.proto.name}</h3>'
                f'<p><code>rpc {method.proto.name}({takes}) returns ({gives})</code></p>{self.prose(method.comment)}')

    def message_section(self, message):
        rows = [(field.name, f'<code>{field.proto.name}</code>', str(field.proto.number), self.type_of(field, message),
                 self.prose(field.comment))
                for field in self.fields if field.parent is message]
        return self._section(message) + table(('Field', 'No.', 'Type', ''), rows)

    def enum_section(self, enum):
        rows = []
        for value in (v for v in self.values if v.parent is enum):
            text = self.prose(value.comment)
            if enum.short == 'ErrorReason' and value.proto.name in self.reasons:
                code, when, advice = map(html.escape, self.reasons[value.proto.name])
                text = f'<p>{code}: {when}.</p><p><small>What to do: {advice}.</small></p>'
            rows.append((value.name, f'<code>{value.proto.name}</code>', str(value.proto.number), text))
        return self._section(enum) + table(('Value', 'No.', ''), rows)

    def _section(self, entity):
        users = ', '.join(dict.fromkeys(self.link(u.name, u.short) for u in self.users.get(entity.name, ())))
        used = f'<p><small>Used by {users}</small></p>' if users else ''
        return f'<h3 id="{entity.name}">{entity.short}</h3>{self.prose(entity.comment)}{used}'

    def page(self):
        menu, body = [], ['<h1>LMP API reference: lmp.v1</h1>']
        for service in self.services:
            methods = [m for m in self.methods if m.parent is service]
            menu += [f'<b>{self.link(service.name)}</b>', *(self.link(m.name, m.proto.name) for m in methods)]
            body += [f'<h2 id="{service.name}">{service.short}</h2>{self.prose(service.comment)}',
                     *map(self.method_section, methods)]
        for title, kind, section in (('Messages', self.messages, self.message_section),
                                     ('Enums', self.enums, self.enum_section)):
            ordered = sorted(kind, key=lambda e: (not e.name.startswith('lmp.'), e.name))
            menu += [f'<b>{title}</b>', *(self.link(e.name) for e in ordered)]
            body += [f'<h2>{title}</h2>', *map(section, ordered)]
        return ('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>LMP API reference</title>'
                f'<style>{STYLE}</style><nav>{"".join(menu)}</nav><main>{chr(10).join(body)}</main></html>\n')


def table(head, rows):
    """Rows are (id, cell…)."""
    if not rows:
        return '<p><small>No fields.</small></p>'
    cells = ''.join(f'<tr id="{row[0]}">' + ''.join(f'<td>{cell}</td>' for cell in row[1:]) + '</tr>\n' for row in rows)
    return f'<table><tr>{"".join(f"<th>{h}</th>" for h in head)}</tr>\n{cells}</table>'


def main(descriptor_set, readme, output):
    rows = re.findall(r'^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$', pathlib.Path(readme).read_text(), re.MULTILINE)
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(descriptor_set).read_bytes())
    pathlib.Path(output).write_text(Contract(descriptors, {name: cells for name, *cells in rows}).page())


if __name__ == '__main__':
    main(*sys.argv[1:])
