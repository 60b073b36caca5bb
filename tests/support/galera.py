"""A Galera cluster of the test's own: nodes of MariaDB that each take writes."""

import os
import pathlib
import re
import signal
import subprocess

import lmp_server
from private_database import PrivateDatabase, free_port

LIBRARIES = [pathlib.Path('/usr/lib/libgalera_smm.so'), pathlib.Path('/usr/lib/galera/libgalera_smm.so')]
STOP_TIMEOUT = 30

# How one node gets another's rows. They begin with the same ones, so that the changes since are enough, which Galera
# sends by itself; but it calls a program to send all others, and this one only says where the changes begin.
TRANSFER = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --role) role=$2 ;; --gtid) gtid=$2 ;; --bypass) bypass=1 ;; esac
  shift
done
begin=$(dirname "$0")/begin
if [ "$role" = donor ]; then
  [ -n "$bypass" ] || exit 1
  echo "$gtid" >"$begin.new" && mv "$begin.new" "$begin"
  echo "done $gtid"
else
  rm -f "$begin"
  echo "ready 127.0.0.1:1/nothing"
  until [ -s "$begin" ]; do sleep 0.1; done
  cat "$begin"
fi
"""


class Node(PrivateDatabase):

    def __init__(self, directory):
        directory.mkdir()
        directory.chmod(0o711)
        super().__init__(directory)
        self.group_port, self.changes_port = free_port(), free_port()

    def position(self):
        """Up to which change it has all; once it was killed, only its tables tell."""
        command = (self.directory / 'command').read_text().splitlines()
        log = self.directory / 'recovery'
        with open(log, 'wb') as out:
            process = lmp_server.popen([*command, '--wsrep-recover', '--skip-log-error'], user=self.user,
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:  # its end is not waited for: it does not always come
            return lmp_server.wait_until(
                lambda: re.search(r'Recovered position: (\S+)', log.read_text(errors='replace')), 60, 'a position')[1]
        finally:
            lmp_server.kill(process)


class Cluster:
    """Whatever becomes of the others, the first node goes on: it counts for all of them."""

    def __init__(self, directory, size=2):
        self._programs = directory / 'programs'
        self._programs.mkdir()
        transfer = self._programs / 'wsrep_sst_nothing'
        transfer.write_text(TRANSFER)
        transfer.chmod(0o755)
        self._library = next((path for path in LIBRARIES if path.exists()), None)
        if self._library is None:
            raise AssertionError('apt-get install galera-4')
        self.nodes = [Node(directory / f'node{i}') for i in range(size)]
        if self.nodes[0].user:
            os.chown(self._programs, *self.nodes[0].user)

    def start(self):
        """The first node makes the cluster and what the others begin with: a copy of its files."""
        first, *others = self.nodes
        self._start(first, '--wsrep-new-cluster')
        first.process.send_signal(signal.SIGTERM)
        first.process.wait(STOP_TIMEOUT)
        for node in others:
            subprocess.run(['cp', '-a', first.directory / 'data', node.directory], check=True)
        self._start(first, '--wsrep-new-cluster')
        for node in others:
            self.start_node(node)
        return self

    def kill(self):
        for node in self.nodes:
            node.kill()

    def make(self, name):
        """An empty database: its URL on each node."""
        self.nodes[0].make(name)
        return [node.url(name) for node in self.nodes]

    def start_node(self, node):
        """One of the others; also again after kill(): it gets what it has missed."""
        self._start(node, *([f'--wsrep-start-position={node.position()}'] if node.process else []))

    def _start(self, node, *args):
        members = ','.join(f'127.0.0.1:{n.group_port}' for n in self.nodes)
        node.start('--wsrep-on=ON', f'--wsrep-provider={self._library}', '--wsrep-cluster-name=test',
                   f'--wsrep-cluster-address=gcomm://{members}', '--wsrep-node-address=127.0.0.1',
                   '--wsrep-sst-method=nothing', '--binlog-format=ROW', '--innodb-autoinc-lock-mode=2',
                   '--wsrep-provider-options='
                   f'gmcast.listen_addr=tcp://127.0.0.1:{node.group_port};'
                   f'ist.recv_addr=127.0.0.1:{node.changes_port};gcache.size=64M;'
                   f'pc.weight={len(self.nodes) if node is self.nodes[0] else 1}', *args, programs=self._programs)
