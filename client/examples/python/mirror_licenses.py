"""Mirrors all licenses into a table of SQLite, each change exactly once, whenever this program or a server is killed.

    mirror_licenses.py HOST:PORT mirror.db [API-KEY]

How: the table and the resume_token change in one transaction. A crash before its COMMIT leaves the token where it was,
so that the message comes again; after it, the message never does. It begins with a snapshot, which goes to a table of
its own until it is complete: whoever reads `licenses` never sees half of one.

    licenses(name, fields)              fields: JSON, as the contract has them
    changes(sequence, name, event_kind) what was applied after the snapshot; the sequence is the primary key
"""

import json
import sqlite3
import sys

import grpc
import history_stream
from lmp.v1 import watch_pb2

SCHEMA = '''
    CREATE TABLE IF NOT EXISTS licenses(name TEXT PRIMARY KEY, fields TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS incoming(name TEXT PRIMARY KEY, fields TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS changes(sequence INTEGER PRIMARY KEY, name TEXT NOT NULL, event_kind TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS place(id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL);
    INSERT OR IGNORE INTO place VALUES (1, '');
'''


class Mirror:

    def __init__(self, file):
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.executescript(SCHEMA)

    def token(self):
        return self.db.execute('SELECT token FROM place').fetchone()[0]

    def forget(self):
        """The history does not go back to the token: the next stream begins with a snapshot."""
        self.db.execute("UPDATE place SET token = ''")

    def apply(self, message):
        self.db.execute('BEGIN IMMEDIATE')
        try:
            if message.snapshot == watch_pb2.SNAPSHOT_BEGIN:
                self.db.execute('DELETE FROM incoming')
            # Without a token a snapshot is under way.
            table = 'licenses' if self.token() else 'incoming'
            for event in message.events:
                if '/licenses/' in event.change.resource:
                    self._apply(table, event, message.snapshot == watch_pb2.SNAPSHOT_RESOURCES)
            if message.snapshot == watch_pb2.SNAPSHOT_COMPLETE:
                self.db.execute('DELETE FROM licenses')
                self.db.execute('INSERT INTO licenses SELECT * FROM incoming')
                self.db.execute('DELETE FROM incoming')
                # A history that was set back gives its numbers a second time.
                self.db.execute('DELETE FROM changes')
            self.db.execute('UPDATE place SET token = ?', (message.resume_token,))
            self.db.execute('COMMIT')
        except BaseException:
            self.db.execute('ROLLBACK')
            raise

    def _apply(self, table, event, shown):
        change = event.change
        if shown or change.created:
            fields = {}
        else:
            row = self.db.execute(f'SELECT fields FROM {table} WHERE name = ?', (change.resource,)).fetchone()
            if row is None:
                return  # of a snapshot that has not come to it yet
            fields = json.loads(row[0])
        for field in change.fields:
            if field.after:
                fields[field.field] = json.loads(field.after)
            else:
                fields.pop(field.field, None)
        self.db.execute(f'INSERT OR REPLACE INTO {table} VALUES (?, ?)', (change.resource, json.dumps(fields)))
        if not shown and table == 'licenses':
            # Twice is an error of the primary key: it does not happen.
            self.db.execute('INSERT INTO changes VALUES (?, ?, ?)',
                            (event.sequence, change.resource, change.event_kind))


def main():
    server, file, *key = sys.argv[1:]
    mirror = Mirror(file)
    while True:
        try:
            for message in history_stream.messages(server, mirror.token, *key, snapshot=True):
                mirror.apply(message)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.OUT_OF_RANGE:
                raise
            mirror.forget()


if __name__ == '__main__':
    main()
