#ifndef LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_
#define LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_

#include <ostream>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Sums up what became of the subscriptions that one command was for. It returns NOT_FOUND if none matched, and
// FAILED_PRECONDITION if all were left as they are: whoever asked for a change must not take "nothing happened" for
// success. If only some were left as they are, a line on `err` counts them. For the answers of other commands it
// returns OK.
absl::Status SummarizeBatch(const google::protobuf::Message& request, const google::protobuf::Message& response,
                            std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_BATCH_SUMMARY_H_
