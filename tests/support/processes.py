"""Children of a test: they die with it, also when it is killed, and leave nothing behind."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


def child_environment(extra=None):
    """Ours without what would change a server's or a tool's behavior behind the test's back."""
    env = {k: v for k, v in os.environ.items() if not k.startswith('LMP_') and not k.lower().endswith('_proxy')}
    env.update(extra or {})
    return env


def wait_until(condition, timeout, what):
    """The first true value of condition(), asked every few milliseconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {timeout} s: {what}')
        time.sleep(0.01)


def resident_mib(pid, which='VmRSS'):
    """MiB of the process that are in memory, or were at most (VmHWM). 0 with a sanitizer: it keeps what was freed."""
    if {'ASAN_OPTIONS', 'TSAN_OPTIONS'} & set(os.environ):
        return 0
    with open(f'/proc/{pid}/status') as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(f'{which}:'))


def kill(process):
    """SIGKILL, and wait."""
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def popen(argv, *, user=None, **kwargs):
    """A child that ends when this process does. Start it in the main thread: the death of any other would end it too.

    No preexec_fn, which must not be mixed with gRPC's threads. `user` is (uid, gid) to run as."""
    identity = [f'--reuid={user[0]}', f'--regid={user[1]}', '--clear-groups'] if user else []
    return subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', *identity, *map(str, argv)], **kwargs)


def kill_all_in(directory):
    """SIGKILL for whoever works in this directory or below it."""
    for cwd in pathlib.Path('/proc').glob('[0-9]*/cwd'):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if pathlib.Path(os.readlink(cwd)).is_relative_to(directory):
                os.kill(int(cwd.parent.name), signal.SIGKILL)


class TemporaryDirectory:
    """A directory that the database's unprivileged user can reach, and that is gone in the end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix='lmp-e2e-'))
        self.path.chmod(0o711)

    def remove(self):
        """A database whose server was killed ends a moment later, and writes until then. Oracle's MySQL never ends
        without its files."""
        kill_all_in(self.path)

        def gone():
            shutil.rmtree(self.path, ignore_errors=True)
            return not self.path.exists()

        wait_until(gone, 60, f'{self.path} is removed')
