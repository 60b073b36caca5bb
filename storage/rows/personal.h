// What the images of events tell of people, by the marks of model/personal.h.
#ifndef LMP_STORAGE_ROWS_PERSONAL_H_
#define LMP_STORAGE_ROWS_PERSONAL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "storage/model/event.h"

namespace lmp::storage {

// The tables of rows that may tell of people.
const std::vector<std::string>& PersonalTables();

// An image in two, each a JSON object whose members are as they were, in their order.
struct SplitImage {
  std::string rest;
  std::string personal;  // "{}": it tells of nobody
};
SplitImage Split(absl::string_view row_table, absl::string_view image);

// Whether the event tells of people: by its images, or by the reason that somebody gave in his own words.
bool HoldsPersonal(const model::Event& event);
// What it tells of them, as bytes: the reason, and of the images before and after what is personal (a NULL, if there
// was no row before), each with its length in front as in a record (history_chain.h).
std::string PersonalBytes(const model::Event& event);
// And takes that away.
void ForgetPersonal(model::Event& event);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_PERSONAL_H_
