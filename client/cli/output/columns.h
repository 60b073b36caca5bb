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
  // Of the field, as in a field mask.
  std::string path;
};

// The columns that matter of a message in a table; none: it is not shown in tables. With a read mask those that it
// names.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type, const google::protobuf::FieldMask& mask = {});

// What stands in the column of an item: as PathText, and use above the units is marked.
std::string CellText(const google::protobuf::Message& item, const Column& column);

// Every field with one value, and lists as one text: what a spreadsheet gets. With a read mask those that it names.
std::vector<Column> AllColumnsOf(const google::protobuf::Descriptor& type,
                                 const google::protobuf::FieldMask& mask = {});

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_COLUMNS_H_
