// The least that servers can do whose answers are strictly fresh: CheckLicense calls go to the engine's own Batcher,
// which sends the service's own query for whatever waits and reads its rows; then they answer a constant. No rules, no
// world, no log. What they reach is the ceiling of any service of their shape.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_FLOOR_SERVER_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_FLOOR_SERVER_H_

#include <string>

namespace lmp::bench {

// The shape of the service: gRPC's callback API, where the thread that ran the query answers. On the database behind
// this socket. Returns an exit code.
int RunFloorServer(const std::string& database_socket);

// The shape with the fewest changes of thread: one thread has gRPC's completion queue, hands over what comes, and
// answers a whole batch when that is posted back to it. On the same terms.
int RunLoopServer(const std::string& database_socket);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_FLOOR_SERVER_H_
