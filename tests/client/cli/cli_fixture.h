#ifndef LMP_TESTS_CLIENT_CLI_CLI_FIXTURE_H_
#define LMP_TESTS_CLIENT_CLI_CLI_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/client/scripted_server.h"

namespace lmp::cli {

// What one run of the tool did.
struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

// The tool against a server that answers as the test says.
class CliTest : public testing::Test {
 protected:
  // Not on a terminal, no input.
  Outcome Lmp(std::vector<std::string> arguments);
  // Standard output is a terminal of so many columns.
  Outcome LmpOnTerminal(std::vector<std::string> arguments, size_t width);
  // A person types these lines, then Ctrl-D.
  Outcome LmpAsked(std::vector<std::string> arguments, const std::string& typed);

  client::ScriptedServer server_;
};

v1::Customer Customer(const std::string& name, const std::string& display_name);
v1::Product Product(const std::string& name, const std::string& display_name, v1::Product::Kind kind,
                    v1::Product::Unit unit);
v1::License License(const std::string& name, const std::string& product, int units, int expiration_year);
google::type::Date Date(int year, int month, int day);

}  // namespace lmp::cli

#endif  // LMP_TESTS_CLIENT_CLI_CLI_FIXTURE_H_
