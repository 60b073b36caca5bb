"""The image of deploy/image, and containers of it, where there is no Docker."""

import json
import os
import pathlib
import signal
import subprocess
import unittest

import lmp_server

ROOT = pathlib.Path(__file__).parents[2]
NAME = 'localhost/lmp'


class Image:
    """Made of the packages of the build under test, in a store below `directory`."""

    def __init__(self, directory):
        self.store = directory / 'image'

    def build(self, fresh=False):
        """The digests of its layers; skips the test where no image can be built."""
        env = dict(os.environ, LMP_IMAGE_STORE=str(self.store), LMP_PACKAGE_COMPRESSION='gzip')
        if fresh:
            env['LMP_IMAGE_FRESH'] = 'yes'
        done = subprocess.run([ROOT / 'deploy' / 'image', lmp_server.BIN.parent], env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', timeout=600)
        if done.returncode == 77:
            raise unittest.SkipTest(done.stdout.splitlines()[-1].removeprefix('== ').replace("'", ''))
        assert done.returncode == 0, done.stdout[-3000:]
        return self.inspect()['RootFS']['Layers']

    def inspect(self):
        return json.loads(self.podman('image', 'inspect', NAME).stdout)[0]

    def command(self, *args):
        return ['podman', '--root', self.store / 'storage', '--runroot', self.store / 'run',
                '--storage-driver', 'overlay', *args]

    def run_command(self, *args, entrypoint=()):
        """A container as the cluster would run it: nothing may be written, nobody is root. It ends with its program."""
        entry = ['--entrypoint', *entrypoint] if entrypoint else []
        return self.command('run', '--rm', '--no-healthcheck', '--read-only', '--read-only-tmpfs=false',
                            '--cap-drop=all', '--security-opt=no-new-privileges', *entry, *args)

    def podman(self, *args, check=True):
        return self.execute(self.command(*args), check)

    def run(self, *args, entrypoint=(), check=True):
        return self.execute(self.run_command(*args, entrypoint=entrypoint), check)

    def execute(self, argv, check):
        done = subprocess.run([str(a) for a in argv], env=self.environment(), capture_output=True, encoding='utf-8',
                              timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done

    def environment(self):
        return lmp_server.child_environment({'CONTAINERS_CONF': str(self.store / 'containers.conf')})

    def remove(self):
        self.podman('rm', '--all', '--force', check=False)
        self.podman('image', 'umount', '--all', check=False)
        subprocess.run(['umount', '--lazy', self.store / 'storage' / 'overlay'], capture_output=True, check=False)


class Container:
    """One that serves until it is stopped."""

    def __init__(self, image, name, args, log):
        self.image = image
        self.name = name
        self.log = log
        with open(log, 'wb') as out:
            self.process = lmp_server.popen(image.run_command('--name', name, *args), env=image.environment(),
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def terminate(self):
        self.image.podman('kill', '--signal', 'TERM', self.name)

    def wait(self, timeout):
        return self.process.wait(timeout)

    def kill(self):
        self.image.podman('rm', '--force', self.name, check=False)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
