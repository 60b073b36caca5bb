// Who a verified client certificate is for.
#ifndef LMP_SERVER_AUTH_CERTIFICATE_H_
#define LMP_SERVER_AUTH_CERTIFICATE_H_

#include <string>
#include <vector>

namespace lmp::auth {

// The names in it.
struct CertificateNames {
  std::vector<std::string> uris;  // of the subject alternative name
  std::vector<std::string> dns;   // likewise
  std::string common_name;

  bool empty() const { return uris.empty() && dns.empty() && common_name.empty(); }
};

// By which it can be bound, the best first: its SPIFFE id "spiffe://…" alone, else each "dns:…", else "cn:…". Empty: by
// none. A certificate with two URIs is no SPIFFE certificate (X509-SVID, 2), and then is nobody's.
std::vector<std::string> SubjectsOf(const CertificateNames& names);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_CERTIFICATE_H_
