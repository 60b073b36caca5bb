"""Tells a web server of every change: one signed POST for each transaction, in order, until it is taken.

    webhook_bridge.py HOST:PORT URL SECRET-FILE TOKEN-FILE [API-KEY]

The body is JSON: {"delivery": "…", "events": […]}, events as the contract has them. Its headers:
    LMP-Delivery    the same for each try of a transaction, so that the receiver can leave out what it has had
    LMP-Signature   t=SECONDS,v1=HEX: HMAC-SHA-256, with the secret, of "SECONDS.BODY". The receiver computes it anew,
                    compares in constant time (hmac.compare_digest), and refuses what is older than some minutes.
Any 2xx is "taken". All else, redirections too, is tried again, with growing, jittered waits, for as long as it takes:
nothing overtakes it, and nothing is lost, because the token is kept only after it was taken. Killed between the two,
the bridge delivers that transaction once more: at least once, and exactly once for who looks at LMP-Delivery.
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import sys
import time
import urllib.error
import urllib.request

from google.protobuf import json_format

import history_stream

TIMEOUT = 10  # seconds, of a POST
LONGEST_WAIT = 60


def signature(secret, seconds, body):
    digest = hmac.new(secret, f'{seconds}.'.encode() + body, hashlib.sha256).hexdigest()
    return f't={seconds},v1={digest}'


class NoRedirection(urllib.request.HTTPRedirectHandler):
    """Following one would make a GET without the body of it."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirection)


def post(url, secret, delivery, body):
    """Whether it was taken."""
    request = urllib.request.Request(url, data=body, headers={
        'Content-Type': 'application/json', 'LMP-Delivery': delivery,
        'LMP-Signature': signature(secret, int(time.time()), body)})
    try:
        with OPENER.open(request, timeout=TIMEOUT) as response:
            return 200 <= response.status < 300
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        print(f'{delivery}: {error}', file=sys.stderr)
        return False


def deliver(url, secret, message):
    events = [json_format.MessageToDict(event, preserving_proto_field_name=True) for event in message.events]
    delivery = events[0]['name']  # a token may be another one when the same changes are read again
    body = json.dumps(dict(delivery=delivery, events=events)).encode()
    wait = 0.2
    while not post(url, secret, delivery, body):
        time.sleep(wait * random.uniform(0.5, 1))
        wait = min(2 * wait, LONGEST_WAIT)


def keep(file, token):
    """Whole or not at all."""
    fresh = file.with_name(file.name + '.new')
    with open(fresh, 'w') as out:
        out.write(token)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def main():
    server, url, secret_file, token_file, *key = sys.argv[1:]
    secret = pathlib.Path(secret_file).read_bytes().strip()
    file = pathlib.Path(token_file)

    def token():
        return file.read_text() if file.exists() else 'now'

    for message in history_stream.messages(server, token, *key):
        if message.events:
            deliver(url, secret, message)
        keep(file, message.resume_token)


if __name__ == '__main__':
    main()
