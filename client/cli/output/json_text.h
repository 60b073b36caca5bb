#ifndef LMP_CLIENT_CLI_OUTPUT_JSON_TEXT_H_
#define LMP_CLIENT_CLI_OUTPUT_JSON_TEXT_H_

#include <string>

namespace lmp::cli {

// Turns the protobuf JSON of a field, as in lmp.v1.FieldChange, into text for a person: texts without quotes, dates as
// 2026-11-24, "yes"/"no", lists with commas, units of products as "cloud-app-security=25", other objects as
// "key=value". A text that is not JSON is shown as it is.
std::string JsonValueText(const std::string& json);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_JSON_TEXT_H_
