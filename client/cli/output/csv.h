#ifndef LMP_CLIENT_CLI_OUTPUT_CSV_H_
#define LMP_CLIENT_CLI_OUTPUT_CSV_H_

#include <ostream>

#include "client/cli/output/json_output.h"

namespace lmp::cli {

// A line of the contract's field names, then one for each item: dates as 2026-11-24, lists as one text, nested fields
// as "contact.email", or what the mask names. RFC 4180. A text that a spreadsheet would take for a formula gets a "'"
// before it.
void WriteCsv(const google::protobuf::Descriptor& type, const MessageList& items,
              const google::protobuf::FieldMask& mask, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_CSV_H_
