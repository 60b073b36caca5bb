// What the two tests of plans share: list_plans_test.cc and hot_plans_test.cc.
#ifndef LMP_TESTS_STORAGE_PLAN_CHECKS_H_
#define LMP_TESTS_STORAGE_PLAN_CHECKS_H_

#include <cstdint>
#include <string>

#include "storage/mysql/connection.h"

namespace lmp::storage {

// How many licenses there are to be: LMP_LIST_ROWS, or 20 000.
int64_t WantedLicenses();

// Rows that the session has touched so far.
int64_t RowsTouched(Connection& connection);

// The whole of a file.
std::string ReadPlans(const std::string& path);

// Expects the file to be this text; LMP_WRITE_PLANS=1 writes it anew. Only of MariaDB 10.11, Debian 12's: other
// optimizers choose and name otherwise. How many rows they touch the tests limit on all.
void ExpectPlans(Connection& connection, const std::string& text, const std::string& path);

}  // namespace lmp::storage

#endif  // LMP_TESTS_STORAGE_PLAN_CHECKS_H_
