"""kill -9 of the server in the middle of 1000 assigns: nothing acknowledged is lost, nothing is done twice."""

import unittest

from lmp_server import AssignLoad, ServerTestCase

ASSIGNS = 1000
KILLS_AT = (100, 300, 500, 700, 900)


class KillServerTest(ServerTestCase, unittest.TestCase):

    def test_1000_assigns_survive_five_kills(self):
        load = AssignLoad(self.server, threads=8, count=ASSIGNS)
        for done in KILLS_AT:
            load.wait_for(done)
            self.server.kill()
            self.server.start()  # on the same directory and port
        load.wait_for(ASSIGNS)
        load.join()
        self.assertEqual((len(load.assigned), load.failures), (ASSIGNS, []))
        self.client.wait_healthy()
        load.verify(self.client)
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()


if __name__ == '__main__':
    unittest.main()
