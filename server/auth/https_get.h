// Fetches one small document over https.
#ifndef LMP_SERVER_AUTH_HTTPS_GET_H_
#define LMP_SERVER_AUTH_HTTPS_GET_H_

#include <string>

#include "absl/status/statusor.h"

namespace lmp::auth {

struct HttpsGet {
  std::string url;
  std::string ca_file;       // CA certificates; empty: the system's
  std::string bearer_token;  // empty: no token is sent
};

// The document may have at most 1 MiB and take 10 seconds; redirects are not followed, and the server's certificate is
// verified. Errors: UNAVAILABLE with the cause.
absl::StatusOr<std::string> Fetch(const HttpsGet& request);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_HTTPS_GET_H_
