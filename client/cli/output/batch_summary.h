#ifndef LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_
#define LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_

#include <ostream>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// What became of the subscriptions that one command was for. That none of them matched is NOT_FOUND, that all were left
// as they are FAILED_PRECONDITION: whoever asked for a change must not take "nothing happened" for success. If some
// were left, a line on `err` counts them. OK for the answers of other commands.
absl::Status SummarizeBatch(const google::protobuf::Message& request, const google::protobuf::Message& response,
                            std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_
