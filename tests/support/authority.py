"""A certificate authority, and what it issues."""

import pathlib
import subprocess


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, directory, name):
        self.directory = pathlib.Path(directory)
        self.cert, self.key = self.make(name)

    def make(self, name, *args):
        cert, key = self.directory / f'{name}.pem', self.directory / f'{name}.key'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', f'/CN={name}', '-keyout', key, '-out', cert, *args], check=True,
                       capture_output=True)
        return cert, key

    def issue(self, name, names='IP:127.0.0.1,DNS:localhost', *args):
        """For a server on this machine, or for whom the names say."""
        return self.make(name, '-CA', self.cert, '-CAkey', self.key, '-addext', f'subjectAltName={names}', '-addext',
                         'basicConstraints=critical,CA:FALSE', *args)
