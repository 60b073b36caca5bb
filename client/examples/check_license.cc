// check_license HOST:PORT CUSTOMER PRODUCT
// Asks whether this customer may use this product now.
// Exit code: 0 yes, 1 no, 2 unknown.
#include <iostream>

#include "lmp/connection.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"
#include "lmp/names.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: check_license HOST:PORT CUSTOMER PRODUCT\n";
    return 2;
  }
  const lmp::client::LicensingClient client(lmp::client::MakeConnection({.target = argv[1]}));

  lmp::v1::CheckLicenseRequest request;
  request.set_customer(lmp::client::CustomerName(argv[2]));
  request.set_product(lmp::client::ProductName(argv[3]));
  const absl::StatusOr<lmp::v1::CheckLicenseResponse> answer = client.CheckLicense(request);

  if (lmp::client::HasReason(answer.status(), lmp::v1::CUSTOMER_NOT_FOUND)) {
    std::cerr << "there is no customer " << request.customer() << "\n";
    return 2;
  }
  if (!answer.ok()) {
    std::cerr << lmp::client::ErrorText(answer.status()) << "\n";
    return 2;
  }
  if (!answer->usable()) {
    std::cout << "no: " << lmp::v1::CheckLicenseResponse::Reason_Name(answer->reason()) << "\n";
    return 1;
  }
  std::cout << "yes: " << answer->units() << " units\n";
  return 0;
}
