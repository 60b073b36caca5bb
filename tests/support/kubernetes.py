"""Kubernetes' own definition of its objects: names and types of fields, and what is required."""

import functools
import json
import re

GROUPS = {'v1': 'V1', 'apps/v1': 'V1', 'batch/v1': 'V1', 'policy/v1': 'V1', 'networking.k8s.io/v1': 'V1',
          'autoscaling/v2': 'V2'}
PLAIN = {'string': str, 'number': (int, float), 'boolean': bool, 'any': object, 'IntOrString': (int, str), 'Date': str}


class Models:
    def __init__(self, directory):
        self.directory = directory

    @functools.cache
    def fields(self, model):
        """field → (type, whether it is required)"""
        code = (self.directory / f'{model}.js').read_text()
        attributes = json.loads(re.search(r'attributeTypeMap = (\[.*?\n?\]);', code, re.S).group(1))
        types = (self.directory / f'{model}.d.ts').read_text()
        required = set(re.findall(r"^    '(\w+)': ", types, re.M))
        return {a['baseName']: (a['type'], a['name'] in required) for a in attributes}

    def faults(self, manifest):
        """What is wrong with an object, one text each."""
        version, kind = manifest.get('apiVersion'), manifest.get('kind')
        prefix = GROUPS.get(version)
        if prefix is None or not (self.directory / f'{prefix}{kind}.js').exists():
            return [f'{version} {kind}: no such kind']
        return list(self._faults(manifest, f'{prefix}{kind}', kind))

    def _faults(self, value, kind, path):
        if kind in PLAIN:
            is_bool = isinstance(value, bool)
            if not isinstance(value, PLAIN[kind]) or (is_bool and kind in ('number', 'IntOrString')):
                yield f'{path}: {value!r} is no {kind}'
        elif match := re.fullmatch(r'Array<(.*)>|\{ \[key: string\]: (.*); \}', kind):
            each = match.group(1) or match.group(2)
            if not isinstance(value, list if match.group(1) else dict):
                yield f'{path}: {value!r} is no {kind}'
                return
            for key, element in enumerate(value) if match.group(1) else value.items():
                yield from self._faults(element, each, f'{path}[{key}]')
        elif not isinstance(value, dict):
            yield f'{path}: {value!r} is no {kind}'
        else:
            fields = self.fields(kind)
            yield from (f'{path}.{name}: there is no such field' for name in value.keys() - fields.keys())
            yield from (f'{path}.{name}: is required' for name, (_, required) in fields.items()
                        if required and name not in value)
            for name in value.keys() & fields.keys():
                yield from self._faults(value[name], fields[name][0], f'{path}.{name}')
