"""The image: what is in it, and the dev overlay's pods played with it, a roll-out under load included."""

import json
import re
import socket
import subprocess
import threading
import time
import unittest
import uuid

import yaml

import lmp_server
import tools
from image import NAME, ROOT, Container, Image
from lmp_server import Client, call_with_retries, customer_api, wait_until
from private_database import PASSWORD, PrivateDatabase, free_port

MEGABYTE = 1_000_000
USAGE, NOT_FOUND = 64, 127


class ImageCase(unittest.TestCase):
    """One image for all tests of this file."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(ImageCase, 'image'):
            temporary = lmp_server.TemporaryDirectory()
            unittest.addModuleCleanup(temporary.remove)
            image = Image(temporary.path)
            ImageCase.layers = image.build()
            unittest.addModuleCleanup(image.remove)
            ImageCase.directory, ImageCase.image = temporary.path, image


class ImageTest(ImageCase):
    def test_it_is_small_and_for_a_user_who_is_not_root(self):
        about = self.image.inspect()
        self.assertLess(about['Size'], 120 * MEGABYTE)
        self.assertEqual(about['Config']['User'], '10001:10001')
        self.assertEqual(about['Config']['Entrypoint'], ['lmp-server'])
        self.assertEqual(about['Healthcheck']['Test'], ['CMD', 'lmp-server', 'health'])
        print(f'the image has {about["Size"] / MEGABYTE:.0f} MB')

    def test_both_programs_run_and_nothing_else_does(self):
        self.assertRegex(self.image.run(NAME, 'version').stdout, r'^lmp-server \d')
        self.assertRegex(self.image.run(NAME, '--version', entrypoint=['lmp']).stdout, r'^lmp \d')
        for program in ('/bin/sh', '/bin/bash', '/usr/bin/apt-get', '/usr/bin/dpkg', '/usr/bin/perl'):
            self.assertEqual(self.image.run(NAME, entrypoint=[program], check=False).returncode, NOT_FOUND, program)

    def test_it_says_what_it_wants(self):
        done = self.image.run(NAME, check=False)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn('no database: give', done.stderr)
        done = self.image.run('-e', 'LMP_MYSQL_URL=mysql://lmp@127.0.0.1:1/lmp', NAME, check=False)
        self.assertIn('refusing to listen on 0.0.0.0:8443 without TLS', done.stderr)

    def test_its_list_of_contents_is_spdx_and_complete(self):
        mount = self.image.podman('image', 'mount', NAME).stdout.strip()
        root = ROOT.__class__(mount)
        document = json.loads((root / 'usr/share/lmp-server/sbom.spdx.json').read_text())
        self.assertEqual(document['spdxVersion'], 'SPDX-2.3')
        ids = [p['SPDXID'] for p in document['packages']]
        self.assertEqual(len(ids), len(set(ids)))
        for id_ in ids:
            self.assertRegex(id_, r'^SPDXRef-[A-Za-z0-9.-]+$')
        self.assertEqual({r['relatedSpdxElement'] for r in document['relationships']}, set(ids))
        names = {p['name'] for p in document['packages']}
        self.assertTrue({'lmp', 'lmp-server', 'libc6', 'libssl3'} <= names, names)
        self.assertEqual(names, {p.name for p in (root / 'var/lib/dpkg/status.d').iterdir()})
        # Each library that is here is of a package that is named.
        needed = subprocess.run(['chroot', mount, '/usr/lib64/ld-linux-x86-64.so.2', '--list', '/usr/bin/lmp-server'],
                                capture_output=True, encoding='utf-8', check=True).stdout
        self.assertNotIn('not found', needed)

    def test_the_same_packages_make_the_same_layer_of_ours(self):
        again = self.image.build(fresh=True)
        self.assertEqual(again[1], self.layers[1])
        self.assertEqual(len(again), 2)


class Load:
    """Callers that go on and on, as good clients do: what is UNAVAILABLE is tried again."""

    def __init__(self, target, callers=4):
        self.done, self.failed = 0, []
        self._stop = threading.Event()
        self._client = Client(target, options=[('grpc.lb_policy_name', 'round_robin')])
        self._threads = [threading.Thread(target=self._work) for _ in range(callers)]

    def _work(self):
        while not self._stop.is_set():
            try:
                request = customer_api.CreatePartnerRequest(
                    request_id=str(uuid.uuid4()), partner={'display_name': 'Load', 'tier': 'DISTRIBUTOR'})
                call_with_retries(self._client.customers.CreatePartner, request, attempt_timeout=20)
                self.done += 1
            except Exception as e:  # pylint: disable=broad-except
                self.failed.append(e)
                return

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._client.channel.close()


class KubernetesPlay(ImageCase):
    """The dev overlay's containers with their own arguments, environment and mounts, on a database of the test's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = tools.kubectl()
        rendered = subprocess.run([kubectl, 'kustomize', ROOT / 'deploy/kubernetes/overlays/dev'], capture_output=True,
                                  encoding='utf-8', timeout=60, check=True).stdout
        cls.manifests = list(yaml.safe_load_all(rendered))
        cls.database = PrivateDatabase(cls.directory).start()
        cls.addClassCleanup(cls.database.kill)
        cls.database.make('lmp')
        cls.secret = cls.directory / 'secret'
        cls.secret.mkdir()
        (cls.secret / 'password').write_text(PASSWORD)
        (cls.secret / 'password').chmod(0o444)

    def find(self, kind, name):
        return next(m for m in self.manifests if m['kind'] == kind and re.fullmatch(name, m['metadata']['name']))

    def arguments(self, pod, ports=()):
        """podman's, for the container of a pod: on this machine's network, so with other addresses."""
        container = pod['spec']['containers'][0]
        env = {e['name']: e['value'] for e in container.get('env', [])}
        for source in container.get('envFrom', []):
            env |= self.find('ConfigMap', source['configMapRef']['name'])['data']
        env['LMP_MYSQL_URL'] = env['LMP_MYSQL_URL'].replace('mariadb:3306', f'127.0.0.1:{self.database.port}')
        listeners = ('LMP_LISTEN', 'LMP_HEALTH_LISTEN', 'LMP_METRICS_LISTEN')
        env |= {name: f'127.0.0.1:{port}' for name, port in zip(listeners, ports)}
        security = pod['spec']['securityContext']
        mounts = [f'--volume={self.secret}:{m["mountPath"]}:ro' for m in container['volumeMounts']]
        return ['--network=host', f'--user={security["runAsUser"]}:{security["runAsGroup"]}', *mounts,
                *(f'--env={k}={v}' for k, v in env.items()), NAME, *container['args']]

    def migrate(self):
        return self.image.run(*self.arguments(self.find('Job', 'lmp-migrate')['spec']['template']))

    def start(self, name, ports):
        pod = self.find('Deployment', 'lmp-server')['spec']['template']
        server = Container(self.image, name, self.arguments(pod, ports), self.directory / f'{name}.log')
        self.addCleanup(server.kill)
        self.wait_for(pod['spec']['containers'][0]['readinessProbe'], ports[1], server)
        return server

    def wait_for(self, probe, port, server):
        """As the kubelet asks: gRPC's health check, at the port for it."""
        with Client(f'127.0.0.1:{port}') as client:
            client.wait_healthy(probe['grpc'].get('service', ''))
        self.assertIsNone(server.process.poll(), server.log.read_text())

    def test_the_job_and_then_a_roll_out_under_load(self):
        self.assertIn('schema is at version', self.migrate().stdout)
        self.assertIn('schema is at version', self.migrate().stdout)  # again: nothing to do
        pod = self.find('Deployment', 'lmp-server')['spec']['template']['spec']
        one, two = ([free_port() for _ in range(3)] for _ in range(2))
        old = self.start('lmp-old', one)
        with Load(f'ipv4:127.0.0.1:{one[0]},127.0.0.1:{two[0]}') as load:
            wait_until(lambda: load.done > 20 or load.failed, 60, 'calls come through')
            self.start('lmp-new', two)
            # As a pod goes: preStop, SIGTERM, and no more time than its grace.
            began = time.monotonic()
            time.sleep(pod['containers'][0]['lifecycle']['preStop']['sleep']['seconds'])
            old.terminate()
            self.assertEqual(old.wait(pod['terminationGracePeriodSeconds']), 0)
            self.assertLess(time.monotonic() - began, pod['terminationGracePeriodSeconds'])
            done = load.done
            wait_until(lambda: load.done > done + 20 or load.failed, 60, 'the new one takes all calls')
        self.assertEqual(load.failed, [])
        print(f'a roll-out under load: {load.done} calls, none failed')
        with socket.socket() as gone:
            self.assertNotEqual(gone.connect_ex(('127.0.0.1', one[0])), 0)


if __name__ == '__main__':
    unittest.main()
