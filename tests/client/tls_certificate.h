#ifndef LMP_TESTS_CLIENT_TLS_CERTIFICATE_H_
#define LMP_TESTS_CLIENT_TLS_CERTIFICATE_H_

#include <string>

namespace lmp::client {

// A fresh self-signed certificate for "localhost", good for a day, and its key; both PEM.
struct Certificate {
  std::string cert;
  std::string key;
};
Certificate MakeCertificate();

}  // namespace lmp::client

#endif  // LMP_TESTS_CLIENT_TLS_CERTIFICATE_H_
