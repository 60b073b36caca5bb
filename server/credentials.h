// How the server proves who it is to callers, and what proof it wants from them.
#ifndef LMP_SERVER_CREDENTIALS_H_
#define LMP_SERVER_CREDENTIALS_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "server/tls_files.h"

namespace lmp::server {

// TLS with these files, as they are at each handshake; plaintext if there are none (null). They and the credentials
// must outlive the server that uses them.
std::shared_ptr<grpc::ServerCredentials> ServerCredentials(TlsFiles* files);

}  // namespace lmp::server

#endif  // LMP_SERVER_CREDENTIALS_H_
