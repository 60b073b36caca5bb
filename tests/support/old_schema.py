"""Databases as earlier versions have left them: the migrations that there were by then, and no others."""

import hashlib
import pathlib

MIGRATIONS = pathlib.Path(__file__).parents[2] / 'storage' / 'migrations'
KEPT = pathlib.Path(__file__).parents[1] / 'end_to_end' / 'upgrade'  # make_old_database.py has made it
KEPT_VERSION = 5
LEDGER = ('CREATE TABLE schema_migrations (version INT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, '
          'checksum CHAR(64) NOT NULL, statements_started INT NOT NULL, statements_done INT NOT NULL, '
          'applied_time DATETIME(6) NULL);')


def newest():
    return max(int(file.stem.split('_')[0]) for file in MIGRATIONS.glob('*.sql'))


def migrations(first, last):
    """The statements that bring a schema from the version before `first` to `last`, as a server of then did."""
    sql = [LEDGER] if first == 1 else []
    for file in sorted(MIGRATIONS.glob('*.sql')):
        version, name = file.stem.split('_', 1)
        if first <= int(version) <= last:
            checksum = hashlib.sha256(file.read_bytes()).hexdigest()
            sql += [file.read_text(),
                    f"INSERT INTO schema_migrations VALUES ({int(version)}, '{name}', '{checksum}', 1, 1, NOW());"]
    return '\n'.join(sql)


def kept(version):
    """The kept database, brought to a later version as it would have been by then."""
    return (KEPT / f'schema_{KEPT_VERSION}.sql').read_text() + migrations(KEPT_VERSION + 1, version)
