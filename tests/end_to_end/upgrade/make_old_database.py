"""Makes schema_5.sql and answers.json anew, by hand: a database as version 5 of the schema had it, and what was
answered about it. The rows are of a random history on the server of today, brought back into the schema that the first
five migrations make; what came later is taken out of them and of the images in their events.

PYTHONPATH=BUILD/tests/python:tests/support LMP_TEST_BIN=BUILD/bin tests/end_to_end/upgrade/make_old_database.py"""

import json
import re
import subprocess
import time

from google.protobuf import json_format

import old_schema
import random_history
from listings import LISTINGS, Lists, instant, stay_within_a_day
from lmp_server import LmpServer, TemporaryDirectory, child_environment, make_catalog

SEED, STEPS = 5, 90
KEPT_REQUESTS = 8  # their answers are what is large
# Keys that an image has since, by table.
NEWER = {'customers': ['disable_time'], 'scheduled_changes': ['anchor_date'],
         'license_tokens': ['product_id', 'expiration_date']}


def play(server):
    """A history; then what is answered of it, and when that was."""
    with server.client() as client:
        client.wait_healthy()
        make_catalog(client)
        random_history.add_catalog(client)
        lists = Lists(client)
        life = random_history.RandomHistory(client, SEED)
        for _ in range(STEPS):
            life.state = {c: lists.all(c) for c in LISTINGS}
            life.step()
        print(f'{SEED}: {dict(life.done)}')
        micros = time.time_ns() // 1000
        answers = {c: [json_format.MessageToDict(r) for r in lists.all(c, read_time=instant(micros))]
                   for c in LISTINGS}
        return dict(read_time_micros=micros, answers=answers)


def bring_back(server):
    server.sql('CREATE DATABASE old CHARACTER SET utf8mb4 COLLATE utf8mb4_bin')
    server.sql(old_schema.migrations(1, old_schema.KEPT_VERSION), 'old')
    columns = {}
    for schema in ('lmp', 'old'):
        for table, column in server.sql("SELECT table_name, column_name FROM information_schema.columns WHERE "
                                        f"table_schema = '{schema}' AND is_generated = 'NEVER'"):
            columns.setdefault((schema, table), []).append(column)
    copies = ['SET foreign_key_checks = 0;']
    for (schema, table), there in columns.items():
        if schema == 'old' and table != 'schema_migrations':
            both = ', '.join(c for c in there if c in columns[('lmp', table)])
            copies += [f'DELETE FROM old.{table};', f'INSERT INTO old.{table} ({both}) SELECT {both} FROM lmp.{table};']
    for table, keys in NEWER.items():
        for key in keys:
            copies += [f"UPDATE old.events SET {image} = JSON_REMOVE({image}, '$.{key}') WHERE row_table = '{table}' "
                       f"AND {image} IS NOT NULL;" for image in ('before_image', 'after_image')]
    copies.append('DELETE FROM old.requests WHERE create_time < (SELECT MIN(create_time) FROM (SELECT create_time '
                  f'FROM lmp.requests ORDER BY create_time DESC LIMIT {KEPT_REQUESTS}) AS newest);')
    server.sql('\n'.join(copies), 'old')


def dump(server):
    done = subprocess.run(['mariadb-dump', '--no-defaults', '--socket', server.socket, '--user=root', '--skip-comments',
                           '--hex-blob', '--skip-add-locks', '--skip-lock-tables', '--net-buffer-length=4096', 'old'],
                          env=child_environment(), capture_output=True, encoding='utf-8', check=True)
    # A line that only mariadb's own client reads.
    return re.sub(r'^/\*M?!999999.*\n', '', done.stdout)


def main():
    temporary = TemporaryDirectory()
    server = LmpServer(temporary.path, ['--time-worker', '0'])
    try:
        stay_within_a_day(120)
        server.start()
        answers = play(server)
        bring_back(server)
        (old_schema.KEPT / f'schema_{old_schema.KEPT_VERSION}.sql').write_text(dump(server))
        (old_schema.KEPT / 'answers.json').write_text(json.dumps(answers, indent=1, sort_keys=True) + '\n')
    finally:
        server.kill()
        temporary.remove()


if __name__ == '__main__':
    main()
