#ifndef LMP_CLIENT_CLI_OUTPUT_COLUMNS_H_
#define LMP_CLIENT_CLI_OUTPUT_COLUMNS_H_

#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

struct Column {
  Table::Title title;
  // The path of the field, as in a field mask.
  std::string path;
};

// The columns of a message that a table should show; none if the message is not shown in tables. With a read mask, the
// columns that it names.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type, const google::protobuf::FieldMask& mask = {});

// The text of an item in the column: as PathText, but use above the licensed units is marked.
std::string CellText(const google::protobuf::Message& item, const Column& column);

// The columns for a spreadsheet: every field with one value, and each list as one text. With a read mask, the fields
// that it names.
std::vector<Column> AllColumnsOf(const google::protobuf::Descriptor& type,
                                 const google::protobuf::FieldMask& mask = {});

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_COLUMNS_H_
