// One example of assigning a service plan, read from a text file. vectors/README.md explains the lines.
#ifndef LMP_TESTS_DOMAIN_ASSIGN_CASE_H_
#define LMP_TESTS_DOMAIN_ASSIGN_CASE_H_

#include <ostream>
#include <string>
#include <vector>

#include "server/domain/subscription/plan_assignment.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr char kAcme[] = "acme";            // whom the plan is assigned to
inline constexpr char kBystander[] = "bystander";  // another customer of the same partner, who must not notice

// A line after "then": what must be so.
struct Expectation {
  std::string where;
  std::string kind;                // "license", "new license", "subscription", "pool", "duplicate", "wrong" …
  std::string subject;             // which one, may be empty
  std::string text;                // as written
  std::vector<std::string> facts;  // `text`, at its commas
};

struct AssignCase {
  std::string name;
  std::string where;  // "assign.txt:12"
  model::World before;
  model::Date today;
  Caller caller;
  AssignServicePlanCommand command;
  std::string outcome;  // "OK" or "FAILED_PRECONDITION CROSSGRADE_REQUIRED"
  std::vector<Expectation> expected;
  std::vector<std::string> problems;  // "file:line: …"; the case must not pass if there are any
};

void PrintTo(const AssignCase& example, std::ostream* out);

// The cases of vectors/<file>. Lines before the first "case:" are problems of a case without a name.
std::vector<AssignCase> ReadAssignCases(const std::string& file);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_ASSIGN_CASE_H_
