#include "tests/client/cli/cli_fixture.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "client/cli/cli.h"

namespace lmp::cli {
namespace {

Outcome RunWith(std::vector<std::string> arguments, const std::string& address, const std::string& typed,
                bool interactive, size_t width = 0) {
  std::istringstream in(typed);
  std::ostringstream out;
  std::ostringstream err;
  if (std::find(arguments.begin(), arguments.end(), "--server") == arguments.end()) {
    arguments.insert(arguments.begin(), {"--server", address});
  }
  const int exit_code =
      RunCli(arguments, {.in = in, .out = out, .err = err, .interactive = interactive, .width = width});
  return {.exit_code = exit_code, .out = out.str(), .err = err.str()};
}

}  // namespace

Outcome CliTest::Lmp(std::vector<std::string> arguments) {
  return RunWith(std::move(arguments), server_.address(), "", false);
}

Outcome CliTest::LmpOnTerminal(std::vector<std::string> arguments, size_t width) {
  return RunWith(std::move(arguments), server_.address(), "", false, width);
}

Outcome CliTest::LmpAsked(std::vector<std::string> arguments, const std::string& typed) {
  return RunWith(std::move(arguments), server_.address(), typed, true);
}

v1::Customer Customer(const std::string& name, const std::string& display_name) {
  v1::Customer customer;
  customer.set_name(name);
  customer.set_display_name(display_name);
  customer.set_city("Bonn");
  customer.set_country("DE");
  customer.set_partner("partners/msp");
  customer.set_state(v1::Customer::ENABLED);
  return customer;
}

v1::Product Product(const std::string& name, const std::string& display_name, v1::Product::Kind kind,
                    v1::Product::Unit unit) {
  v1::Product product;
  product.set_name(name);
  product.set_display_name(display_name);
  product.set_kind(kind);
  product.set_unit(unit);
  product.set_min_units(2);
  product.set_max_units(500);
  return product;
}

v1::License License(const std::string& name, const std::string& product, int units, int expiration_year) {
  v1::License license;
  license.set_name(name);
  license.set_product(product);
  license.set_units(units);
  license.set_unit(v1::Product::USER);
  license.set_state(v1::License::ACTIVE);
  *license.mutable_start_date() = Date(2026, 11, 24);
  *license.mutable_expiration_date() = Date(expiration_year, 11, 24);
  return license;
}

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

}  // namespace lmp::cli
