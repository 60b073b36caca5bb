// The least a gRPC server can do: answers every CheckLicense at once with a response of the usual size. What it reaches
// is the ceiling of any service on this machine.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_ECHO_SERVER_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_ECHO_SERVER_H_

namespace lmp::bench {

// Returns an exit code.
int RunEchoServer();

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_ECHO_SERVER_H_
