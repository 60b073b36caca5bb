"""What a server's --metrics-listen says."""

import re
import urllib.request

from processes import wait_until


def metrics_port(server):
    lines = wait_until(lambda: [e for e in server.log_entries() if e['message'] == 'listening for metrics'], 20,
                       'it says where its metrics are')
    return lines[-1]['port']


def scrape(port):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=20) as answer:
        return answer.read().decode()


def series(text, name):
    """[(labels, value)] of a name."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line)
        if match and match.group(1) == name:
            found.append((dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or '')), float(match.group(3))))
    return found


def value(text, name, **labels):
    """Of the first series with these labels, or 0."""
    return next((v for found, v in series(text, name) if labels.items() <= found.items()), 0)
