// The model's world, put as rows of the database and as what a reader sees.
#ifndef LMP_TESTS_RANDOM_COMPARE_H_
#define LMP_TESTS_RANDOM_COMPARE_H_

#include <google/protobuf/message.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/random/history_check.h"
#include "tests/random/model.h"
#include "tests/random/system.h"

namespace lmp::random_test {

// Customers for whom time did something that is not stored yet, by their rows.
std::set<std::string> Behind(const World& world, const RawRows& rows);

// Differences between the model and the rows that were loaded, one sentence each. What is behind, and the pools it
// draws on, is left to what readers see.
std::vector<std::string> CompareWithRows(const World& world, const Selection& selection, const RawRows& rows);

// The same for what a reader sees of a customer, or of the pools. Time has passed in `world`.
std::vector<std::string> CompareWithView(const World& world, const std::string& customer, const CustomerView& view);
std::vector<std::string> CompareWithPools(const World& world, const std::map<Key, v1::LicensePool>& pools);

// I1, I5 and the form of licenses, from the rows of a customer before and after a mutation alone.
std::vector<std::string> CheckLicenses(const RawRows& before, const RawRows& after, Date today);

// Whether the `changes` of a preview are those that then happened, and led to this world.
std::vector<std::string> CompareWithPreview(const World& world, const google::protobuf::Message& preview,
                                            const std::map<RowName, RowChange>& happened);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_COMPARE_H_
