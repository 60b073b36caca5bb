// What the figures were measured on, and with which software.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_MACHINE_H_
#define LMP_TESTS_BENCHMARKS_REPORT_MACHINE_H_

#include <string>
#include <utility>
#include <vector>

#include "storage/mysql/connection.h"

namespace lmp::bench {

// Names and values, in the order to show them.
using Machine = std::vector<std::pair<std::string, std::string>>;

Machine DescribeMachine(storage::Connection& connection);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_MACHINE_H_
