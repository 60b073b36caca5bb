// How the server meets the network. Every setting of gRPC's transport that is not left to gRPC is here, with the
// reason.
#ifndef LMP_SERVER_TRANSPORT_H_
#define LMP_SERVER_TRANSPORT_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>

namespace lmp::server {

// What an operator may change; the rest is said in transport.cc.
struct TransportOptions {
  int max_message_kib = 256;              // of a request, unpacked. The largest honest one, 1000 checks, has 165 kB
  int max_metadata_kib = 32;              // of a call, counted as HTTP/2 does: names, values, and 32 bytes for each
  int max_streams = 1000;                 // calls under way on one connection; further ones wait in their client
  int max_connection_age_seconds = 3600;  // then clients connect anew, maybe to another server; 0: never
  int keepalive_seconds = 60;             // of silence, after which a client is asked whether it is still there
  int network_memory_mib = 256;           // for what is being received and sent on all connections together

  size_t max_message_bytes() const { return static_cast<size_t>(max_message_kib) * 1024; }
  size_t max_metadata_bytes() const { return static_cast<size_t>(max_metadata_kib) * 1024; }
};

void ConfigureTransport(const TransportOptions& options, grpc::ServerBuilder& builder);

// Ends all connections to the port as if the network had: what is on them is UNAVAILABLE to every client. gRPC itself
// would say GOAWAY INTERNAL_ERROR, which is UNAVAILABLE to clients in C++ and Python, but INTERNAL to others (grpc-js),
// which then don't try again.
void EndConnections(int port);

}  // namespace lmp::server

#endif  // LMP_SERVER_TRANSPORT_H_
