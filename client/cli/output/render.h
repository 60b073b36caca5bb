#ifndef LMP_CLIENT_CLI_OUTPUT_RENDER_H_
#define LMP_CLIENT_CLI_OUTPUT_RENDER_H_

#include <ostream>

#include "client/cli/output/json_output.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// How an answer is to be shown.
struct Layout {
  // Columns of the terminal; 0: there is no terminal, and nothing is left out or cut.
  size_t width = 0;
  // The fields that were asked for; others are not shown.
  google::protobuf::FieldMask mask = {};
};

// Writes any message for a person: its fields one a line, then its lists as tables, then what changes.
void RenderDetails(const google::protobuf::Message& message, const Layout& layout, std::ostream& out);

// Writes a table of messages of one type, with the columns that matter; events are shown with what they changed.
void RenderList(const google::protobuf::Descriptor& type, const MessageList& items, const Layout& layout,
                std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_RENDER_H_
