#include "server/reloads.h"

#include "server/observe/log.h"

namespace lmp::server {

void Reloads::Note(absl::string_view file, absl::string_view what, const absl::Status& status) {
  Count(file, status.ok());
  Log(status.ok() ? Severity::kInfo : Severity::kError, what, {{"error", status.ok() ? "" : status.message()}});
}

void Reloads::Count(absl::string_view file, bool taken) {
  absl::MutexLock lock(&mutex_);
  ++counts_[{std::string(file), taken}];
}

auth::Report Reloads::report() {
  return
      [this](absl::string_view file, absl::string_view what, const absl::Status& status) { Note(file, what, status); };
}

void Reloads::AddTo(Samples& samples) const {
  absl::MutexLock lock(&mutex_);
  for (const auto& [what, count] : counts_) {
    AddSample(samples, "lmp_reloads_total",
              "Files that had changed and were read again, or were refused, so that the last good one stays",
              {{"file", what.first}, {"result", what.second ? "taken" : "refused"}}, count);
  }
}

}  // namespace lmp::server
