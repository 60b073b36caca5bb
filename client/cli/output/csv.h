#ifndef LMP_CLIENT_CLI_OUTPUT_CSV_H_
#define LMP_CLIENT_CLI_OUTPUT_CSV_H_

#include <ostream>

#include "client/cli/output/json_output.h"

namespace lmp::cli {

// Writes a line with the contract's field names, then one line for each item (RFC 4180): dates as 2026-11-24, lists as
// one text, nested fields as "contact.email". With a mask, only the fields that it names. A text that a spreadsheet
// would take for a formula gets a "'" before it.
void WriteCsv(const google::protobuf::Descriptor& type, const MessageList& items,
              const google::protobuf::FieldMask& mask, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_CSV_H_
