// How the server uses the network. All settings of gRPC's transport that differ from gRPC's defaults are here, with
// their reasons.
#ifndef LMP_SERVER_TRANSPORT_H_
#define LMP_SERVER_TRANSPORT_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>

namespace lmp::server {

// The settings that an operator may change; transport.cc has the others.
struct TransportOptions {
  int max_message_kib = 256;  // size of a request, decompressed; the largest that makes sense, 1000 checks, has 165 kB
  int max_metadata_kib = 32;  // size of a call's metadata as HTTP/2 counts it: names, values, and 32 bytes for each
  int max_streams = 1000;     // calls under way on one connection; further calls wait in their client
  int max_connection_age_seconds = 3600;  // after this, clients connect anew, maybe to another server; 0: never
  int keepalive_seconds = 60;             // after this time of silence, a client is asked whether it is still there
  int network_memory_mib = 256;           // memory for what is being received and sent on all connections together

  size_t max_message_bytes() const { return static_cast<size_t>(max_message_kib) * 1024; }
  size_t max_metadata_bytes() const { return static_cast<size_t>(max_metadata_kib) * 1024; }
};

void ConfigureTransport(const TransportOptions& options, grpc::ServerBuilder& builder);

// Ends all connections to the port as if the network had failed: every client sees UNAVAILABLE for the calls on them.
// gRPC itself would say GOAWAY INTERNAL_ERROR, which is UNAVAILABLE to clients in C++ and Python, but INTERNAL to
// others (grpc-js), which then don't try again.
void EndConnections(int port);

}  // namespace lmp::server

#endif  // LMP_SERVER_TRANSPORT_H_
