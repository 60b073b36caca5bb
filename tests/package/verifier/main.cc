// Verifies a license token with nothing but lmp::license_token: the key is that of RFC 8037, A.1.
#include <iostream>

#include "lmp/license_token.h"

int main() {
  lmp::client::LicenseTokenOptions options;
  options.jwks_json = R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
  options.now = absl::FromUnixSeconds(1781096400);
  const absl::StatusOr<lmp::client::VerifiedLicense> license = lmp::client::VerifyLicenseToken(
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImtQcktfcW14VldhWVZBOXd3QkY2SXVvM3ZWeno3VHhIQ1R3WEJ5Z3JTNGsiLCJ0eXAiOiJs"
      "bXAtbGljZW5zZStqd3QifQ.eyJpc3MiOiJsbXAiLCJzdWIiOiJjdXN0b21lcnMvYmFrZXJ5L2xpY2Vuc2VzL29uZSIsImp0aSI6I"
      "nQxIiwiaWF0IjoxNzgxMDkyODAwLCJleHAiOjE3ODM2ODQ4MDAsImxtcCI6eyJwYXJ0bmVyIjoicGFydG5lcnMvbXNwIiwicHJvZ"
      "HVjdCI6InByb2R1Y3RzL2Nsb3VkLWFwcC1zZWN1cml0eSIsInVuaXQiOiJVU0VSIiwidW5pdHMiOjI1LCJzdGFydF9kYXRlIjoiM"
      "jAyNi0wMS0wMSIsImV4cGlyYXRpb25fZGF0ZSI6IjIwMjctMDEtMDEiLCJncmFjZV9lbmRfZGF0ZSI6IjIwMjctMDEtMzEifX0.C"
      "-K6TTACZ2ePnJcm0fjLgUGN04Y3dVtEioAJOIu6xgKUX1t3ZS37Gw8IF8Onjt-dPFbKEZUdmqcDif-fTAzLDA",
      options);
  if (!license.ok()) {
    std::cout << license.status() << "\n";
    return 1;
  }
  std::cout << license->license << ": " << license->units << " " << license->unit << "\n";
}
