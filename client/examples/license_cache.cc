// Answers "CUSTOMER PRODUCT" lines of standard input from a LicenseCache, one line each:
//   yes 25 ACTIVE cache      whether it is usable, its units and state, and who said so: the cache or the server
// and "state" with what the cache knows. Usage: license_cache HOST:PORT [TOKEN]
#include "lmp/license_cache.h"

#include <iostream>
#include <sstream>
#include <string>

#include "absl/time/time.h"
#include "lmp/error.h"
#include "lmp/names.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: license_cache HOST:PORT [TOKEN]\n";
    return 2;
  }
  lmp::client::Options options;
  options.target = argv[1];
  options.timeout = absl::Seconds(5);
  if (argc > 2) options.bearer_token = argv[2];
  const lmp::client::LicenseCache cache(lmp::client::MakeConnection(options));
  cache.WaitUntilReady(absl::Seconds(10));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string customer, product;
    words >> customer >> product;
    if (customer == "state") {
      const auto state = cache.state();
      std::cout << (state.ready ? "ready" : "not ready") << " customers " << state.customers << " bytes " << state.bytes
                << " streams " << state.streams << " staleness " << state.staleness << " error "
                << lmp::client::ErrorText(state.last_error) << std::endl;
      continue;
    }
    const auto answer = cache.Check(lmp::client::CustomerName(customer), lmp::client::ProductName(product));
    if (!answer.ok()) {
      std::cout << "error: " << lmp::client::ErrorText(answer.status()) << std::endl;
      continue;
    }
    const auto& response = *answer->response;
    std::cout << (response.usable() ? "yes " : "no ") << response.units() << " "
              << lmp::v1::License::State_Name(response.state()) << (answer->from_server ? " server" : " cache")
              << std::endl;
  }
}
