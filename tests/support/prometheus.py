"""Debian's Prometheus, with a copy of our alerts that does not take minutes."""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

from private_database import free_port
from processes import kill, popen, wait_until

DEPLOY = pathlib.Path(__file__).parents[2] / 'deploy'
# What is long or large in alerts.yaml so that people are called in time and not for nothing, and what it is here.
SHORTER = ((r'\[5m\]', '[5s]'), (r'\bfor: \d+m\b', 'for: 1s'), (r'\+ 300\b', '+ 2'), (r'> 1000\b', '> 20'))


def require():
    for program in ('prometheus', 'promtool'):
        if not shutil.which(program):
            raise unittest.SkipTest(f'no {program} here: apt-get install prometheus')


def alerts():
    """The names of all alerts, in order."""
    groups = yaml.safe_load((DEPLOY / 'prometheus' / 'alerts.yaml').read_text())['groups']
    return [rule['alert'] for group in groups for rule in group['rules']]


class Prometheus:
    """Looks once a second at the targets of two jobs: "lmp", where faults are made, and "well"."""

    def __init__(self, directory):
        self.directory = directory / 'prometheus'
        self.directory.mkdir()
        self.targets = {'lmp': [], 'well': []}
        self.port = free_port()
        text = (DEPLOY / 'prometheus' / 'alerts.yaml').read_text()
        for long, short in SHORTER:
            text, count = re.subn(long, short, text)
            if not count:
                raise AssertionError(f'alerts.yaml has no {long} any more: change SHORTER')
        (self.directory / 'alerts.yaml').write_text(text)
        config = {'global': {'scrape_interval': '1s', 'evaluation_interval': '1s'}, 'rule_files': ['alerts.yaml'],
                  'scrape_configs': [{'job_name': job, 'file_sd_configs': [{'files': [f'{job}.json'],
                                                                             'refresh_interval': '1s'}]}
                                     for job in self.targets]}
        (self.directory / 'prometheus.yaml').write_text(yaml.safe_dump(config))
        for job in self.targets:
            self._write(job)
        with open(self.directory / 'log', 'wb') as log:
            self.process = popen(['prometheus', f'--config.file={self.directory}/prometheus.yaml',
                                  f'--storage.tsdb.path={self.directory}/data',
                                  f'--web.listen-address=127.0.0.1:{self.port}'],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers, 60, 'Prometheus answers')

    def kill(self):
        kill(self.process)

    def add(self, job, port):
        """Its instance, as labels have it."""
        self.targets[job].append(f'127.0.0.1:{port}')
        self._write(job)
        return f'127.0.0.1:{port}'

    def _write(self, job):
        new = self.directory / f'{job}.new'
        # Labelled as Kubernetes' own discovery does.
        new.write_text(json.dumps([{'targets': [target], 'labels': {'namespace': job, 'pod': f'lmp-server-{number}'}}
                                   for number, target in enumerate(self.targets[job])]))
        new.rename(self.directory / f'{job}.json')

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / 'log').read_text()[-3000:])
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/-/ready', timeout=20):
                return True

    def query(self, query):
        """[(labels, value)]"""
        url = f'http://127.0.0.1:{self.port}/api/v1/query?' + urllib.parse.urlencode({'query': query})
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                result = json.load(answer)['data']['result']
        except urllib.error.HTTPError as e:
            raise AssertionError(f'{query}: {e.read().decode()}') from None
        return [(one['metric'], float(one['value'][1])) for one in result]

    def firing(self, **labels):
        """Names of the alerts that fire, of series with these labels."""
        wanted = ''.join(f',{k}="{v}"' for k, v in labels.items())
        return {found['alertname'] for found, _ in self.query(f'ALERTS{{alertstate="firing"{wanted}}}')}
