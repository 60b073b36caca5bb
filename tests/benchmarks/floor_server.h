// The least a server can do whose answers are strictly fresh: hands CheckLicense calls to the engine's own Batcher,
// which sends the service's own query for whatever waits and reads its rows; then answers a constant. No rules, no
// world, no log. What it reaches is the ceiling of any service of this shape.
#ifndef LMP_TESTS_BENCHMARKS_FLOOR_SERVER_H_
#define LMP_TESTS_BENCHMARKS_FLOOR_SERVER_H_

#include <string>

namespace lmp::bench {

// On the database behind this socket. Returns an exit code.
int RunFloorServer(const std::string& database_socket);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FLOOR_SERVER_H_
