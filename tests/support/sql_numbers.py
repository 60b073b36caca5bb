"""Many rows at once, in SQL."""


def numbers(count):
    """A table `numbers` of n = 1 to count, 10 000 at most, for a FROM clause. A recursion of more than 1000 steps would
    need a setting that has another name in each kind of database."""
    assert count <= 10_000
    return ('(WITH RECURSIVE some AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM some WHERE i < 99) '
            f'SELECT 100 * a.i + b.i + 1 AS n FROM some AS a JOIN some AS b ORDER BY n LIMIT {count}) AS numbers')
