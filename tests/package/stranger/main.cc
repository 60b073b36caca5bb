// Names a customer, and asks for it where no server is: the whole library is linked, and its errors come back.
#include <iostream>

#include "lmp/connection.h"
#include "lmp/customer_client.h"
#include "lmp/error.h"
#include "lmp/names.h"

int main() {
  lmp::client::Options options;
  options.target = "unix:/nonexistent/lmp.sock";
  options.timeout = absl::Milliseconds(500);
  const lmp::client::CustomerClient client(lmp::client::MakeConnection(options));

  lmp::v1::GetCustomerRequest request;
  request.set_name(lmp::client::CustomerName("bakery"));
  const absl::StatusOr<lmp::v1::Customer> customer = client.GetCustomer(request);
  std::cout << request.name() << ": " << absl::StatusCodeToString(customer.status().code()) << "\n";
  return lmp::client::GetErrorDetails(customer.status()).reason.empty() ? 0 : 1;
}
