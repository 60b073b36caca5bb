// Tells whom a verified client certificate is for.
#ifndef LMP_SERVER_AUTH_CERTIFICATE_H_
#define LMP_SERVER_AUTH_CERTIFICATE_H_

#include <string>
#include <vector>

namespace lmp::auth {

// The names in the certificate.
struct CertificateNames {
  std::vector<std::string> uris;  // from the subject alternative name
  std::vector<std::string> dns;   // from the subject alternative name
  std::string common_name;

  bool empty() const { return uris.empty() && dns.empty() && common_name.empty(); }
};

// The subjects by which the certificate can be bound, the best first: only its SPIFFE id "spiffe://…" if it has one;
// otherwise each "dns:…"; otherwise "cn:…". Empty if it has none. A certificate with two URIs is no SPIFFE certificate
// (X509-SVID, 2), and has no subject.
std::vector<std::string> SubjectsOf(const CertificateNames& names);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_CERTIFICATE_H_
