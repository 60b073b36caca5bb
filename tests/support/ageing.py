"""Makes all that happened today happen some days earlier, as if the test had waited since then."""

import datetime

from listings import UTC
from lmp_server import wait_until


def age(sql, days=31, before_numbering='SELECT 1'):
    """In all rows, events and answers alike of the database that `sql` asks. The events get their places in the history
    anew, from the first, after `before_numbering`: statements of SQL."""
    today = datetime.datetime.now(UTC).date()
    then = today - datetime.timedelta(days=days)
    columns = sql("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
                         "AND data_type = 'datetime' AND table_name <> 'schema_migrations'")
    statements = ['SELECT sequence FROM history_head FOR UPDATE']
    statements += [f"UPDATE {table} SET {column} = {column} - INTERVAL {days} DAY WHERE {column} >= '{today}' AND "
                   f"{column} < '{today}' + INTERVAL 1 DAY" for table, column in columns]
    for table in ('events', 'events_archive'):
        images = ', '.join(f"""{image} = REPLACE({image}, '"{today} ', '"{then} ')"""
                           for image in ('before_image', 'after_image'))
        statements.append(f"UPDATE {table} SET {images}, sequence = 0, transaction_end = 0, chain_hash = '', "
                          'record_version = 1')
    statements += ["UPDATE history_head SET sequence = 0, chain_hash = '', tree_size = 0, tree = ''",
                   'DELETE FROM history_nodes']
    sql('BEGIN; ' + '; '.join(statements) + f'; {before_numbering}; COMMIT;')
    wait_until(lambda: sql('SELECT COUNT(*) FROM events WHERE sequence = 0') == [['0']], 20, 'events have their places')
