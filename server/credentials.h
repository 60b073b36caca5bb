// How the server proves who it is to callers, and what proof it wants from them.
#ifndef LMP_SERVER_CREDENTIALS_H_
#define LMP_SERVER_CREDENTIALS_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "server/config.h"

namespace lmp::server {

// TLS with the files of the config, which are read again when they change; plaintext if it names none.
std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const Config& config);

}  // namespace lmp::server

#endif  // LMP_SERVER_CREDENTIALS_H_
