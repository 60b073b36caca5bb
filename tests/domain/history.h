// A history from a text file: what somebody does to a customer's licenses, day by day, and what is then to be seen.
// vectors/histories/README.md explains the lines.
#ifndef LMP_TESTS_DOMAIN_HISTORY_H_
#define LMP_TESTS_DOMAIN_HISTORY_H_

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/world.h"
#include "tests/domain/life.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {

// The lives of the customers of one history, and the names that its lines give to things.
struct Story {
  Life life;
  std::map<std::string, model::RowKey> subscriptions;  // by the name in the file
  std::map<std::string, model::RowKey> changes;        // scheduled ones
  std::map<std::string, Date> issued;                  // by license id: the day it was first there
  std::map<model::RowKey, int> elsewhere;              // units of a pool that are assigned to others from the start
  absl::Status refusal;                                // the last one
};

// The row that a name means; an empty name means the only one there is. INVALID_ARGUMENT if there is none.
absl::StatusOr<model::RowKey> Named(const std::map<std::string, model::RowKey>& names, const std::string& name);

// A dated line: somebody does something, or looks. Both kinds are closures that were made when the line was read.
struct HistoryLine {
  std::string where;  // "renewals.txt:12"
  std::string text;
  Date day;
  std::string refused;                      // the reason, if what is done must be refused
  std::function<absl::Status(Story&)> act;  // set for what is done
  std::function<void(Story&)> look;         // set for what is seen; fails the test if it is not so
};

struct History {
  std::string name;
  std::string where;
  std::vector<std::function<void(Story&)>> given;  // sets up what is there before the first day
  std::vector<HistoryLine> lines;
  std::vector<std::string> problems;  // "file:line: …"; the history must not pass if there are any
};

void PrintTo(const History& history, std::ostream* out);

// The histories of vectors/<file>.
std::vector<History> ReadHistories(const std::string& file);

// "assign cas-annual, 10 units" → what to do; none if it can't be read. history_verbs.cc
std::function<absl::Status(Story&)> ReadVerb(const std::string& text);

// "license cloud-app-security, ACTIVE, 10 units" → the check; none if it can't be read. history_check.cc
std::function<void(Story&)> ReadExpectation(const std::string& text);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_HISTORY_H_
