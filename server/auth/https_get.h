// One small document over https.
#ifndef LMP_SERVER_AUTH_HTTPS_GET_H_
#define LMP_SERVER_AUTH_HTTPS_GET_H_

#include <string>

#include "absl/status/statusor.h"

namespace lmp::auth {

struct HttpsGet {
  std::string url;
  std::string ca_file;       // empty: the system's
  std::string bearer_token;  // empty: none
};

// At most 1 MiB, within 10 seconds, without redirects; the server's certificate is verified. Errors: UNAVAILABLE,
// saying why.
absl::StatusOr<std::string> Fetch(const HttpsGet& request);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_HTTPS_GET_H_
